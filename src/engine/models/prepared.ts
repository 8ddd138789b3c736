import { createHash } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyMessage, decodeModel, encodeModel, type OnnxModel } from '../onnx/index.ts';
import { keptFolder, pruneKept, removeKept, writeKept } from './kept.ts';

/** A gradient graph as it was prepared, and how many samples it takes at once. */
export interface Prepared {
  readonly model: OnnxModel;
  readonly most: number;
}

/** Raised whenever graphs are prepared otherwise. */
const version = 4;
const samplesKey = 'likewise.samples';
/** Graphs of one part that are kept: those of two precisions on three providers, say. */
const mostOfPart = 6;

/** What was prepared is kept from one start to the next. */
export interface PreparedGraphs {
  /**
   * The graph of a part that was kept under this key, or that which `make` makes: kept from now on.
   * @returns `kept`: it was read from its file, and nobody has opened it yet
   */
  get(part: string, key: string, make: () => Prepared | undefined): Found | undefined;
  /** Makes it anew, in place of the one that was kept. */
  renew(part: string, key: string, make: () => Prepared | undefined): Prepared | undefined;
}

export interface Found extends Prepared {
  readonly kept: boolean;
}

/**
 * Prepared graphs in `prepared/` beside a model's parts. Their weights stay where they are, in the files of
 * the part, so that they take some MB. Where the folder cannot be written, they are made at each start. Of
 * each part those stay that were used last: others are of settings, weights or versions that are no more.
 */
export function preparedGraphs(dir: string, modelHash: string): PreparedGraphs {
  const pathOf = (part: string, key: string) => {
    const name = createHash('sha256').update(`${version} ${modelHash} ${part} ${key}`);
    return join(dir, keptFolder, `${part}-${name.digest('hex').slice(0, 24)}.onnx`);
  };
  const renew: PreparedGraphs['renew'] = (part, key, make) => {
    const path = pathOf(part, key);
    removeKept(path);
    const made = make();
    if (!made) return undefined;
    writeKept(path, () => encoded(made));
    pruneKept(path, new RegExp(`^${part}-[0-9a-f]{24}\\.onnx$`), mostOfPart);
    return made;
  };
  return {
    renew,
    get(part, key, make) {
      const found = read(pathOf(part, key), resolve(dir, part));
      if (found) return { ...found, kept: true };
      const made = renew(part, key, make);
      return made && { ...made, kept: false };
    },
  };
}

function read(path: string, folder: string): Prepared | undefined {
  try {
    const model = decodeModel(readFileSync(path), folder);
    const most = Number(model.proto.metadataProps?.find((p) => p.key === samplesKey)?.value);
    if (!Number.isInteger(most) || most < 1) return undefined;
    used(path);
    return { model, most };
  } catch {
    // Not there, or not whole: it is made again.
    return undefined;
  }
}

/** Its time of change says when it was used last. */
function used(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Where nothing can be written, nothing is pruned.
  }
}

function encoded({ model, most }: Prepared): Uint8Array {
  const proto = copyMessage(model.proto);
  proto.metadataProps = [...(proto.metadataProps ?? []), { key: samplesKey, value: String(most) }];
  return encodeModel({ proto, dir: model.dir });
}
