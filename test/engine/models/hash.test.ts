import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/engine/models/digests.ts';
import { modelHash } from '../../../src/engine/models/hash.ts';
import { fixtureDir } from './fixtures.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-hash-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const least = 10_000;
const weights = 'unet/weights.pb';
let dir: string;
let kept: string;
/** Milliseconds: when the weights were written, by the file system's clock. */
let written: number;
beforeEach(() => {
  dir = mkdtempSync(join(scratch, 'model-'));
  kept = join(dir, 'prepared/digests.json');
  for (const part of ['unet', 'scheduler']) mkdirSync(join(dir, part));
  write('scheduler/scheduler_config.json', '{}');
  write('unet/model.onnx', 'small');
  write(weights, 'w'.repeat(least));
  written = statSync(join(dir, weights)).ctimeMs;
});

const write = (name: string, text: string) => writeFileSync(join(dir, name), text);

/** The hash at a start so many seconds after the weights were written, and the files that were read for it. */
async function hashed(seconds = 60) {
  const read: string[] = [];
  const hash = await modelHash(dir, {
    least,
    now: () => written + seconds * 1000,
    digest(path) {
      read.push(relative(dir, path).replaceAll('\\', '/'));
      return digestOf(path);
    },
  });
  return { hash, read };
}
/** Waits until the file system's clock, which goes by milliseconds, has gone on. */
function tick() {
  const time = () => {
    writeFileSync(join(dir, 'clock'), '');
    return statSync(join(dir, 'clock'), { bigint: true }).ctimeNs;
  };
  const before = time();
  while (time() === before);
}
const small = ['scheduler/scheduler_config.json', 'unet/model.onnx'];
const all = [...small, weights];

describe('the hash of a model', () => {
  it('reads large files once, small ones always', async () => {
    const first = await hashed();
    expect(first.read).toEqual(all);
    const second = await hashed();
    expect(second).toEqual({ hash: first.hash, read: small });
    // With nothing kept it is the same.
    rmSync(kept);
    expect(await hashed()).toEqual(first);
  });

  it('is what it was before digests were kept', async () => {
    // Cached inversions are found by it.
    const before = 'eb485e569fa10ce17f0ab442726c1bca3903f061b39365c2f72bc3b2b7d6238a';
    const copy = join(dir, 'script');
    cpSync(fixtureDir('script'), copy, { recursive: true });
    expect(await modelHash(copy)).toBe(before);
    expect(existsSync(join(copy, 'prepared'))).toBe(false);
    expect(await modelHash(copy, { least: 0 })).toBe(before);
    expect(existsSync(join(copy, 'prepared'))).toBe(true);
  });

  it('changes with a large file of the same size whose times were put back', async () => {
    const path = join(dir, weights);
    const past = new Date('2001-02-03');
    utimesSync(path, past, past);
    const { hash } = await hashed();
    expect(await hashed()).toEqual({ hash, read: small });
    tick();
    const { ino } = statSync(path);
    writeFileSync(path, 'x'.repeat(least));
    utimesSync(path, past, past);
    expect(statSync(path)).toMatchObject({ ino, size: least, mtimeMs: past.getTime() });
    const changed = await hashed();
    expect(changed.read).toEqual(all);
    expect(changed.hash).not.toBe(hash);
  });

  it('changes with a large file that another of the same size and times takes the place of', async () => {
    const path = join(dir, weights);
    const past = new Date('2001-02-03');
    writeFileSync(join(dir, 'other'), 'x'.repeat(least));
    for (const one of [path, join(dir, 'other')]) utimesSync(one, past, past);
    const { hash } = await hashed();
    renameSync(join(dir, 'other'), path);
    expect((await hashed()).hash).not.toBe(hash);
  });

  it('does not trust a file that was new when it was looked at', async () => {
    const { hash } = await hashed(0);
    expect(await hashed(1)).toEqual({ hash, read: all });
    // A second old at the last look: within what clocks of file systems tell apart.
    expect(await hashed(60)).toEqual({ hash, read: all });
    expect(await hashed(61)).toEqual({ hash, read: small });
  });

  it('does not trust a file whose times lie ahead', async () => {
    const ahead = Date.now() / 1000 + 3600;
    utimesSync(join(dir, weights), ahead, ahead);
    await hashed();
    expect((await hashed()).read).toEqual(all);
  });

  it('does not trust the digest of a file that was written to meanwhile', async () => {
    const digest = async (path: string) => {
      const found = await digestOf(path);
      if (path.endsWith('weights.pb')) writeFileSync(path, 'y'.repeat(least + 1));
      return found;
    };
    const now = () => written + 60_000;
    const mixed = await modelHash(dir, { least, digest, now });
    const { hash, read } = await hashed();
    expect(read).toEqual(all);
    expect(hash).not.toBe(mixed);
  });

  it('follows links to what they lead to', async () => {
    const blobs = join(dir, 'blobs');
    mkdirSync(blobs);
    for (const name of ['one', 'two']) writeFileSync(join(blobs, name), name.repeat(least));
    const path = join(dir, weights);
    rmSync(path);
    symlinkSync(join(blobs, 'one'), path);
    const first = await hashed();
    expect(first.read).toEqual(all);
    expect((await hashed()).read).toEqual(small);
    rmSync(path);
    symlinkSync(join(blobs, 'two'), path);
    const other = await hashed();
    expect(other.read).toEqual(all);
    expect(other.hash).not.toBe(first.hash);
    writeFileSync(join(blobs, 'two'), 'owt'.repeat(least + 1));
    expect((await hashed()).hash).not.toBe(other.hash);
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, 40)],
    ['of another version', (text) => text.replace('"version": 1', '"version": 2')],
    ['with a digest that is none', (text) => text.replace(/("sha256": ").{8}/, '$1')],
    ['with times that are none', (text) => text.replace(/"mtimeNs": "\d+"/, '"mtimeNs": 1')],
    ['that is no object', () => '[null]'],
  ])('takes no notice of kept digests %s, and replaces them', async (_, spoil) => {
    const first = await hashed();
    const text = readFileSync(kept, 'utf8');
    const spoiled = spoil(text);
    expect(spoiled).not.toBe(text);
    writeFileSync(kept, spoiled);
    expect(await hashed()).toEqual(first);
    expect(await hashed()).toEqual({ hash: first.hash, read: small });
  });

  it('reads everything at each start where nothing can be kept', async () => {
    writeFileSync(join(dir, 'prepared'), 'a file in the place of the folder');
    const first = await hashed();
    expect(first.read).toEqual(all);
    expect(await hashed()).toEqual(first);
  });

  it('forgets files that are gone', async () => {
    await hashed();
    expect(readFileSync(kept, 'utf8')).toContain(weights);
    rmSync(join(dir, weights));
    await hashed();
    expect(readFileSync(kept, 'utf8')).not.toContain(weights);
  });
});
