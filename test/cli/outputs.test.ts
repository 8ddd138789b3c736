import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareOutputs } from '../../src/cli/outputs.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'likewise-outputs-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const at = (...names: string[]) => join(dir, ...names);
const refused = expect.objectContaining({ code: 'OUTPUT_UNWRITABLE', exitStatus: 2 });

describe('outputs', () => {
  test('are written to folders that are made for them', async () => {
    const outputs = await prepareOutputs({ files: [at('x/y/grid.png')], folders: [at('cells')] });
    await outputs.write([
      { path: at('x/y/grid.png'), bytes: 'grid' },
      { path: at('cells/one.png'), bytes: Uint8Array.of(1, 2) },
    ]);
    await outputs.release();
    expect(readFileSync(at('x/y/grid.png'), 'utf8')).toBe('grid');
    expect([...readFileSync(at('cells/one.png'))]).toEqual([1, 2]);
    expect(readdirSync(at('x/y'))).toEqual(['grid.png']);
  });

  test('leave no folder behind when nothing comes of it', async () => {
    const outputs = await prepareOutputs({ files: [at('x/y/grid.png')], folders: [at('cells/z')] });
    await outputs.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('keep a folder that was there, and what lies in it', async () => {
    mkdirSync(at('old'));
    writeFileSync(at('old/note'), '');
    const outputs = await prepareOutputs({ files: [at('old/grid.png')], folders: [] });
    await outputs.release();
    expect(readdirSync(at('old'))).toEqual(['note']);
  });

  test('replace a file as a whole', async () => {
    writeFileSync(at('grid.png'), 'old');
    const outputs = await prepareOutputs({ files: [at('grid.png')], folders: [] });
    await outputs.write([{ path: at('grid.png'), bytes: 'new' }]);
    expect(readFileSync(at('grid.png'), 'utf8')).toBe('new');
  });

  test('are all written or none: a failure leaves no temporary file and the old content', async () => {
    writeFileSync(at('grid.png'), 'old');
    const outputs = await prepareOutputs({ files: [at('grid.png')], folders: [] });
    const files = [
      { path: at('grid.png'), bytes: 'new' },
      { path: at('gone/cell.png'), bytes: 'new' },
    ];
    await expect(outputs.write(files)).rejects.toThrow(refused);
    expect(readdirSync(dir)).toEqual(['grid.png']);
    expect(readFileSync(at('grid.png'), 'utf8')).toBe('old');
  });

  test('are all written or none: what was renamed is taken back when a later one fails', async () => {
    writeFileSync(at('grid.png'), 'old');
    const paths = ['new.png', 'grid.png', 'cell.png'].map((name) => at(name));
    const outputs = await prepareOutputs({ files: paths, folders: [] });
    mkdirSync(at('cell.png')); // by somebody else, meanwhile
    const files = paths.map((path) => ({ path, bytes: 'new' }));
    await expect(outputs.write(files)).rejects.toThrow(/cell\.png: it is a folder/);
    expect(readdirSync(dir).sort()).toEqual(['cell.png', 'grid.png']);
    expect(readFileSync(at('grid.png'), 'utf8')).toBe('old');
  });

  test('are refused where a folder or a file is in the way, leaving nothing behind', async () => {
    mkdirSync(at('grid.png'));
    writeFileSync(at('file'), '');
    const folder = { files: [at('grid.png')], folders: [] };
    await expect(prepareOutputs(folder)).rejects.toThrow(/grid\.png: it is a folder/);
    const file = { files: [at('new/grid.png')], folders: [at('file')] };
    await expect(prepareOutputs(file)).rejects.toThrow(/a file is in the way/);
    const below = { files: [at('file/x/grid.png')], folders: [] };
    await expect(prepareOutputs(below)).rejects.toThrow(refused);
    expect(existsSync(at('new'))).toBe(false);
  });

  test.skipIf(process.platform === 'win32')('never replace a device', async () => {
    const device = prepareOutputs({ files: ['/dev/null'], folders: [] });
    await expect(device).rejects.toThrow(/not a plain file/);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'are refused in a folder without permission to write',
    async () => {
      mkdirSync(at('locked'));
      chmodSync(at('locked'), 0o500);
      const locked = prepareOutputs({ files: [at('locked/grid.png')], folders: [] });
      await expect(locked).rejects.toThrow(/permission denied/);
    },
  );

  test.runIf(process.platform === 'linux')('are refused where nothing can be made', async () => {
    await expect(prepareOutputs({ files: ['/proc/x/grid.png'], folders: [] })).rejects.toThrow(
      refused,
    );
  });
});
