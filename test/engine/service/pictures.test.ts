import { expect, it } from 'vitest';
import { type Cache, memoryCache } from '../../../src/cache/index.ts';
import type { CanonicalPicture, Intake } from '../../../src/engine/intake/index.ts';
import { createPictures } from '../../../src/engine/service/pictures.ts';

const owner = { tenant: 'guild', user: 'ada' };

/** As intake reads it: the first byte says what it shows. */
const pictureOf = (bytes: Uint8Array) =>
  ({
    rgb: bytes.slice(0, 1),
    width: 1,
    height: 1,
    sha256: String(bytes[0]),
    crop: { left: 0, top: 0, width: 1, height: 1 },
    origin: { width: 1, height: 1, notes: [] },
  }) as unknown as CanonicalPicture;

/** Pictures whose intake reads when it is told to, and whose owner is forgotten so often. */
function stage(cache: Cache = memoryCache()) {
  const waiting: (() => void)[] = [];
  const forgotten = { at: 0 };
  const intake = {
    read: async (bytes: Uint8Array) => {
      await new Promise<void>((resolve) => void waiting.push(resolve));
      return pictureOf(bytes);
    },
  } as unknown as Intake;
  const pictures = createPictures({
    cache,
    intake,
    size: { width: 1, height: 1 },
    megabytes: 25,
    within: async (_owner, _key, _value, write) => write(),
    isForgotten: (_, since) => since <= forgotten.at,
  });
  return { cache, pictures, waiting, forgotten };
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5));

it('counts a file as in memory until it has been read', async () => {
  const { pictures, waiting } = stage();
  const puts = Array.from({ length: 32 }, (_, n) => pictures.put(owner, Uint8Array.of(n)));
  while (waiting.length < 32) await later();
  // All are received; none is read yet.
  const refused = pictures.put(owner, Uint8Array.of(99));
  await expect(refused).rejects.toMatchObject({ code: 'INTAKE_BUSY', details: { waiting: 32 } });
  for (const read of waiting.splice(0)) read();
  await Promise.all(puts);
  const next = pictures.put(owner, Uint8Array.of(99));
  while (waiting.length < 1) await later();
  waiting[0]?.();
  expect((await next).width).toBe(1);
});

it('a put that comes too late leaves what was put since, the same picture too', async () => {
  const { pictures, waiting, forgotten } = stage();
  const late = pictures.put(owner, Uint8Array.of(1));
  while (waiting.length < 1) await later();
  forgotten.at = Date.now();
  await later();
  const fresh = [1, 2].map((n) => pictures.put(owner, Uint8Array.of(n)));
  while (waiting.length < 3) await later();
  for (const read of waiting.slice(1)) read();
  const ids = (await Promise.all(fresh)).map(({ picture }) => picture);
  waiting[0]?.();
  await expect(late).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
  for (const id of ids) expect((await pictures.get(owner, id)).width).toBe(1);
});

it('forgotten while it is written, it goes alone: others of the owner’s and of others stay', async () => {
  const cache = memoryCache();
  const { pictures, waiting, forgotten } = stage({
    ...cache,
    set: async (key, bytes, whose) => {
      await cache.set(key, bytes, whose);
      if (isLate) forgotten.at = Date.now() + 1000;
    },
  });
  let isLate = false;
  const put = async (who: typeof owner, n: number) => {
    const putting = pictures.put(who, Uint8Array.of(n));
    while (waiting.length < 1) await later();
    waiting.shift()?.();
    return (await putting).picture;
  };
  const [mine, bobs] = [await put(owner, 1), await put({ ...owner, user: 'bob' }, 2)];
  isLate = true;
  for (const n of [2, 3]) {
    await expect(put(owner, n)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    forgotten.at = 0;
  }
  expect((await pictures.get(owner, mine)).sha256).toBe('1');
  expect((await pictures.get(owner, bobs)).sha256).toBe('2');
  expect(await cache.ownersOf(pictures.keyOf('guild', bobs))).toEqual(['bob']);
  expect((await cache.usage()).pictures.entries).toBe(2);
});
