import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Prepared, preparedGraphs } from '../../../src/engine/models/prepared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-prepared-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let dir: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(join(scratch, 'model-'));
  folder = join(dir, 'prepared');
});

/** A graph that says which it is. */
const graph = (most: number): Prepared => ({
  most,
  model: {
    dir: null,
    proto: {
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: { name: 'g', node: [{ opType: 'Identity', input: ['x'], output: ['y'] }] },
    },
  },
});
const never = () => {
  throw new Error('it is there: it must not be made');
};
const day = 24 * 3600;
/** Last used so many seconds ago. */
const age = (path: string, seconds: number) => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(path, then, then);
};
const filesOf = (part: string) => readdirSync(folder).filter((name) => name.startsWith(part));
/** The files of graphs that are made one after the other, each a day older than the next. */
function make(part: string, keys: readonly string[], hash = 'hash'): string[] {
  const graphs = preparedGraphs(dir, hash);
  return keys.map((key, i) => {
    const before = existsSync(folder) ? readdirSync(folder) : [];
    expect(graphs.get(part, key, () => graph(i + 1))).toMatchObject({ most: i + 1, kept: false });
    const [name = ''] = readdirSync(folder).filter((one) => !before.includes(one));
    const path = join(folder, name);
    age(path, (keys.length - i) * day);
    return path;
  });
}

describe('prepared graphs', () => {
  it('are found again under their key, for their model and part alone', () => {
    make('unet', ['a']);
    const graphs = preparedGraphs(dir, 'hash');
    expect(graphs.get('unet', 'a', never)).toMatchObject({ most: 1, kept: true });
    const other = { most: 9, kept: false };
    expect(graphs.get('unet', 'b', () => graph(9))).toMatchObject(other);
    expect(graphs.get('vae_decoder', 'a', () => graph(9))).toMatchObject(other);
    expect(preparedGraphs(dir, 'else').get('unet', 'a', () => graph(9))).toMatchObject(other);
  });

  it('are replaced by renewed ones', () => {
    const [path = ''] = make('unet', ['a']);
    const graphs = preparedGraphs(dir, 'hash');
    expect(graphs.renew('unet', 'a', () => graph(7))).toMatchObject({ most: 7 });
    expect(graphs.get('unet', 'a', never)).toMatchObject({ most: 7, kept: true });
    // Where none is wanted any more, none stays.
    expect(graphs.renew('unet', 'a', () => undefined)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('are six of a part at most: those used last', () => {
    const first = make('unet', ['a', 'b', 'c', 'd', 'e', 'f']);
    make('vae_decoder', ['a']);
    expect(filesOf('unet-').length).toBe(6);
    // The oldest is in use after all.
    expect(preparedGraphs(dir, 'hash').get('unet', 'a', never)).toMatchObject({ kept: true });
    // The settings are the same, the weights are others: what was of the old ones goes in the end.
    make('unet', ['g'], 'other');
    expect(first.map((path) => existsSync(path))).toEqual([true, false, true, true, true, true]);
    expect(filesOf('unet-').length).toBe(6);
    expect(filesOf('vae_decoder-').length).toBe(1);
  });

  it('stay where the one just made seems the oldest', () => {
    const first = make('unet', ['a', 'b', 'c', 'd', 'e', 'f']);
    // A clock that was ahead when these were used.
    for (const [i, path] of first.entries()) age(path, -(i + 1) * day);
    expect(preparedGraphs(dir, 'hash').get('unet', 'g', () => graph(7))?.kept).toBe(false);
    expect(preparedGraphs(dir, 'hash').get('unet', 'g', never)?.most).toBe(7);
    expect(first.map((path) => existsSync(path))).toEqual([false, true, true, true, true, true]);
  });

  it('never cost a file that is not theirs', () => {
    const digits = '0123456789abcdef01234567';
    mkdirSync(join(folder, `unet-${'0'.repeat(24)}.onnx`), { recursive: true });
    const mine = [
      'unet.onnx',
      'unet-backup.onnx',
      `unet-${digits}.onnx.bak`,
      `unet-${digits}0.onnx`,
      `my-unet-${digits}.onnx`,
      `vae_decoder-${digits}.onnx`,
      'notes.tmp',
      `unet-${digits}.onnx.tmp`,
    ].map((name) => join(folder, name));
    for (const path of mine) writeFileSync(path, 'mine');
    const link = join(folder, `unet-${'f'.repeat(24)}.onnx`);
    symlinkSync(join(folder, 'unet.onnx'), link);
    for (const path of mine) age(path, 400 * day);
    make('unet', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    for (const path of mine) expect(readFileSync(path, 'utf8'), path).toBe('mine');
    expect(existsSync(link)).toBe(true);
    const graphs = filesOf('unet-').filter((name) => /^unet-[0-9a-f]{24}\.onnx$/.test(name));
    // Six, the folder and the link.
    expect(graphs.length).toBe(8);
  });

  it('are written anew without what writers left behind that were ended, a day later', () => {
    mkdirSync(folder);
    const name = (part: string, id: string) =>
      join(folder, `${part}.${id}2345678-1234-4123-8123-123456789abc.tmp`);
    const graphOfPart = `vae_decoder-${'0'.repeat(24)}.onnx`;
    const old = [name(graphOfPart, 'a'), name('digests.json', 'b')];
    const fresh = [name(graphOfPart, 'c'), name('digests.json', 'd')];
    for (const path of [...old, ...fresh]) writeFileSync(path, 'a part of it');
    for (const path of old) age(path, day + 60);
    for (const path of fresh) age(path, day - 60);
    make('unet', ['a']);
    expect(old.map((path) => existsSync(path))).toEqual([false, false]);
    expect(fresh.map((path) => existsSync(path))).toEqual([true, true]);
  });
});
