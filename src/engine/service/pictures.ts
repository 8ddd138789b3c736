import { type Cache, idKey, type Packable, records } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { PictureBytes } from '../client.ts';
import { type CanonicalPicture, crop, type Intake, toModelPixels } from '../intake/index.ts';
import type { PipelinePicture } from '../pipeline/index.ts';
import type { Owner, Picture } from '../protocol.ts';
import { encodePng } from '../render/index.ts';
import type { Allowance } from './allowance.ts';
import { pictureId } from './requests.ts';

export interface PicturesOptions {
  readonly cache: Cache;
  readonly intake: Intake;
  /** Of the model's pictures, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Most MB of a file. */
  readonly megabytes: number;
  /** Keeps a picture under a key. @throws LikewiseError `LIMIT_BYTES` */
  readonly within: Allowance['within'];
  /** Whether what the owner began then has been forgotten since. */
  readonly isForgotten: (owner: Owner, since: number) => boolean;
}

/** Files in memory, each as a whole: those that are received, and those that wait to be read. */
const mostInMemory = 32;

/** Pictures as they were taken in, by id; within a tenant, and of those who put them there. */
export interface Pictures {
  /** Decodes and keeps it. @throws LikewiseError `PICTURE_…`, `INTAKE_…`, `LIMIT_BYTES` */
  put(owner: Owner, bytes: PictureBytes, signal?: AbortSignal): Promise<Picture>;
  /** @throws LikewiseError `FILE_UNKNOWN` */
  get(owner: Owner, id: string): Promise<CanonicalPicture>;
  /** As a file in its owner's shape. @throws LikewiseError `FILE_UNKNOWN` */
  png(owner: Owner, id: string): Promise<Uint8Array>;
  /** Under which it is kept. */
  keyOf(tenant: string, id: string): string;
}

export function createPictures(options: PicturesOptions): Pictures {
  const { cache, intake, size, megabytes, within, isForgotten } = options;
  const keyOf = (tenant: string, id: string) => idKey(tenant, 'picture', id);
  let inMemory = 0;

  const taken = async (bytes: PictureBytes, signal: AbortSignal | undefined) =>
    intake.read(await gather(bytes, megabytes), { size, ...(signal && { signal }) });

  // Looked at by others of the tenant too, it stays whose it is.
  const get = async ({ tenant }: Owner, id: string): Promise<CanonicalPicture> => {
    const found = await records(cache, { owner: null }).get(keyOf(tenant, id));
    if (found === undefined) throw new LikewiseError('FILE_UNKNOWN', { file: id });
    return found as unknown as CanonicalPicture;
  };
  return {
    keyOf,
    get,
    async put(owner, bytes, signal) {
      const began = Date.now();
      if (inMemory >= mostInMemory) throw new LikewiseError('INTAKE_BUSY', { waiting: inMemory });
      inMemory++;
      const read = await taken(bytes, signal).finally(() => inMemory--);
      const { sha256, crop: box, origin } = read;
      const { left, top, width, height } = box;
      const id = pictureId([sha256, left, top, width, height, origin.width, origin.height]);
      const key = keyOf(owner.tenant, id);
      const kept = records(cache, { owner: owner.user });
      // Forgotten while it was read: it must not come back.
      const check = () => {
        if (isForgotten(owner, began)) throw new LikewiseError('FILE_UNKNOWN', { file: id });
      };
      check();
      // All within one turn: what the owner puts there afterwards is not what is removed.
      await within(owner, key, read, async () => {
        check();
        await kept.set(key, read as unknown as Packable);
        if (isForgotten(owner, began)) await cache.disown(key, owner.user);
        check();
      });
      const { notes } = origin;
      return { picture: id, width: origin.width, height: origin.height, remarks: [...notes] };
    },
    async png(owner, id) {
      const picture = await get(owner, id);
      return encodePng(crop(picture, picture.crop));
    },
  };
}

/** As the model reads it. */
export function pipelinePicture(picture: CanonicalPicture): PipelinePicture {
  return { pixels: toModelPixels(picture), sha256: picture.sha256 };
}

/** All of a stream, but no more than may be: what comes after is not read. */
async function gather(bytes: PictureBytes, megabytes: number): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > megabytes * 1e6) {
      const details = { picture: 'The picture', megabytes: `over ${megabytes}`, limit: megabytes };
      throw new LikewiseError('PICTURE_TOO_HEAVY', details);
    }
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
