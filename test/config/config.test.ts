import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { defaults, loadConfig } from '../../config/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(text: string): string {
  const path = join(dir, 'settings.json');
  writeFileSync(path, text);
  return path;
}

describe('settings', () => {
  test('have defaults: the grid of the documentation', () => {
    expect(loadConfig({})).toEqual(defaults);
    expect(defaults.render).toMatchObject({ lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] });
  });

  test('come from the environment by the name of their path', () => {
    const config = loadConfig({
      LIKEWISE_MODEL: 'models/other',
      LIKEWISE_SEED: '7',
      LIKEWISE_RENDER_LAMBDA: '-1,0,1.5',
      LIKEWISE_INTAKE_MIN_SIDE: '32',
      LIKEWISE_INTAKE_CHILD_SECONDS: '2.5',
    });
    expect(config).toMatchObject({ model: 'models/other', seed: 7 });
    expect(config.render.lambda).toEqual([-1, 0, 1.5]);
    expect(config.intake.minSide).toBe(32);
    expect(config.intake.child).toEqual({ ...defaults.intake.child, seconds: 2.5 });
  });

  test('come from a file, the environment having the last word', () => {
    const LIKEWISE_CONFIG = file('{"seed": 3, "render": {"guidance": [2], "mode": "classic"}}');
    const config = loadConfig({ LIKEWISE_CONFIG, LIKEWISE_RENDER_GUIDANCE: '5' });
    expect(config).toMatchObject({ seed: 3, render: { guidance: [5], mode: 'classic' } });
    expect(config.render.lambda).toEqual(defaults.render.lambda);
  });

  test('empty variables count as absent', () => {
    expect(loadConfig({ LIKEWISE_MODEL: '', LIKEWISE_CONFIG: '' })).toEqual(defaults);
  });

  test.each([
    [{ LIKEWISE_SEED: 'x' }, /^The setting seed is wrong/],
    [{ LIKEWISE_SEED: '1.5' }, /seed/],
    [{ LIKEWISE_PRESET: 'slow' }, /preset.*"fast"/],
    [{ LIKEWISE_RENDER_LAMBDA: '0,abc' }, /render\.lambda\.1/],
    [{ LIKEWISE_RENDER_GUIDANCE: '3,-1' }, /render\.guidance\.1/],
    [{ LIKEWISE_INTAKE_MEGABYTES: '-1' }, /intake\.megabytes/],
    [{ LIKEWISE_INTAKE_INTERLACED_MEGABYTES: '0' }, /intake\.interlacedMegabytes/],
    [{ LIKEWISE_INTAKE_CHILD_MEGABYTES: '64' }, /intake\.child\.megabytes.*128/],
    [{ LIKEWISE_INTAKE_CHILD_SECONDS: '0' }, /intake\.child\.seconds/],
    [{ LIKEWISE_INTAKE_CHILD_PICTURES: '1.5' }, /intake\.child\.pictures/],
    [{ LIKEWISE_INTAKE_CHILD_WAITING: 'many' }, /intake\.child\.waiting/],
    [{ LIKEWISE_CACHE_MEGABYTES: '1' }, /cacheMegabytes.*10/],
    [{ LIKEWISE_RETENTION_PICTURES: '0' }, /retention\.pictures/],
    [{ LIKEWISE_RETENTION_EMBEDDINGS: 'for ever' }, /retention\.embeddings/],
    [{ LIKEWISE_LIBRARY_USER: '1.5' }, /library\.user/],
    [{ LIKEWISE_CONFIG: join(dir, 'none.json') }, /LIKEWISE_CONFIG.*none\.json/],
  ])('%o is refused by name', (env, message) => {
    expect(() => loadConfig(env)).toThrow(message);
    expect(() => loadConfig(env)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test.each([
    ['{', /LIKEWISE_CONFIG/],
    ['[]', /no settings/],
    ['{"sede": 1}', /sede/],
    ['{"render": 3}', /render/],
  ])('the file %s is refused', (text, message) => {
    expect(() => loadConfig({ LIKEWISE_CONFIG: file(text) })).toThrow(message);
  });
});
