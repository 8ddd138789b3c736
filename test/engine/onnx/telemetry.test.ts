import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = new URL('../../../', import.meta.url).href;
const programs = {
  'in the main thread': `
    const { loadModel } = await import('${root}src/engine/models/index.ts');
    const model = await loadModel('models/avatars');
    await model.close();`,
  'in a thread of the device': `
    const { openDevice } = await import('${root}src/engine/device/index.ts');
    const device = await openDevice({ model: 'models/avatars' });
    await device.close();`,
};

describe('the runtime', () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'likewise-home-'));
    folder = mkdtempSync(join(tmpdir(), 'likewise-program-'));
  });
  afterEach(() => {
    for (const each of [home, folder]) rmSync(each, { recursive: true, force: true });
  });

  it.each(Object.entries(programs))(
    'keeps no id of the machine and no figures: %s',
    async (_, program) => {
      const { ORT_DISABLE_TELEMETRY: __, XDG_CACHE_HOME: ___, ...env } = process.env;
      // Elsewhere: what is written in the home is what the runtime leaves there.
      const file = join(folder, 'program.mjs');
      writeFileSync(file, program);
      const options = { env: { ...env, HOME: home }, cwd: new URL(root) };
      await run(process.execPath, [file], options);
      expect(readdirSync(home, { recursive: true })).toEqual([]);
    },
    120_000,
  );
});
