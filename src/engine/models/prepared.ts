import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { copyMessage, decodeModel, encodeModel, type OnnxModel } from '../onnx/index.ts';

/** A gradient graph as it was prepared, and how many samples it takes at once. */
export interface Prepared {
  readonly model: OnnxModel;
  readonly most: number;
}

/** Raised whenever graphs are prepared otherwise. */
const version = 2;
const samplesKey = 'likewise.samples';

/** What was prepared is kept from one start to the next. */
export interface PreparedGraphs {
  /** The graph of a part that was kept under this key, or that which `make` makes: kept from now on. */
  get(part: string, key: string, make: () => Prepared | undefined): Prepared | undefined;
}

/**
 * Prepared graphs in `prepared/` beside a model's parts. Their weights stay where they are, in the files of
 * the part, so that they take some MB. Where the folder cannot be written, they are made at each start.
 */
export function preparedGraphs(dir: string, modelHash: string): PreparedGraphs {
  return {
    get(part, key, make) {
      const name = createHash('sha256').update(`${version} ${modelHash} ${part} ${key}`);
      const path = join(dir, 'prepared', `${part}-${name.digest('hex').slice(0, 24)}.onnx`);
      const found = read(path, resolve(dir, part));
      if (found) return found;
      const made = make();
      if (made) write(path, made);
      return made;
    },
  };
}

function read(path: string, folder: string): Prepared | undefined {
  try {
    const model = decodeModel(readFileSync(path), folder);
    const most = Number(model.proto.metadataProps?.find((p) => p.key === samplesKey)?.value);
    return Number.isInteger(most) && most > 0 ? { model, most } : undefined;
  } catch {
    // Not there, or not whole: it is made again.
    return undefined;
  }
}

function write(path: string, { model, most }: Prepared): void {
  const proto = copyMessage(model.proto);
  proto.metadataProps = [...(proto.metadataProps ?? []), { key: samplesKey, value: String(most) }];
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, encodeModel({ proto, dir: model.dir }));
    renameSync(temporary, path);
  } catch {
    // The folder may be read-only, the disk full: the next start prepares again.
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Nor is there a folder to clean.
    }
  }
}
