import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Config, defaults, loadConfig, secretsOf } from '../../config/index.ts';

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
    [{ LIKEWISE_PROVIDER: 'gpu' }, /provider.*"auto", "cpu", "webgpu", "cuda"/],
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
    [{ LIKEWISE_ENGINE_PORT: '65536' }, /engine\.port.*LIKEWISE_ENGINE_PORT.*from 0 to 65535/],
    [{ LIKEWISE_ENGINE_ALLOW_REMOTE: 'yes' }, /engine\.allowRemote.*true or false \(or 1 or 0\)/],
    [{ LIKEWISE_LOG_LEVEL: 'loud' }, /log\.level.*"fatal", "error", "warn", "info".*"silent"/],
    [{ LIKEWISE_RENDER_BATCH_CELLS: '0' }, /render\.batchCells.*whole number from 1 to 100/],
    [{ LIKEWISE_JOBS_TURN_SECONDS: '0' }, /jobs\.turnSeconds.*above 0, at most 86400/],
    [{ LIKEWISE_JOBS_FREE_MEGABYTES: '-1' }, /jobs\.freeMegabytes.*a number, 0 or more/],
    [{ LIKEWISE_INTAKE_MIN_SIDE: '1' }, /intake\.minSide.*a whole number, 2 or more/],
    [{ LIKEWISE_RENDER_LAMBDA: ',' }, /render\.lambda\.0.*a number from -100 to 100/],
  ])('%o is refused by name', (env, message) => {
    expect(() => loadConfig(env)).toThrow(message);
    expect(() => loadConfig(env)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test.each([
    ['{', /LIKEWISE_CONFIG/],
    ['[]', /no settings/],
    ['{"sede": 1}', /sede/],
    ['{"render": 3}', /render.*a group of settings: lambda, guidance/],
    ['{"render": {"lamda": [1]}}', /render\.lamda.*render\.lambda is the nearest of lambda, guid/],
    ['{"render": {"lambda": []}}', /render\.lambda.*a list of 1 or more/],
    ['{"engine": {"allowRemote": "true"}}', /engine\.allowRemote.*takes true or false\./],
  ])('the file %s is refused', (text, message) => {
    expect(() => loadConfig({ LIKEWISE_CONFIG: file(text) })).toThrow(message);
  });
});

describe('settings in the environment', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['TRUE', true],
    ['false', false],
    ['0', false],
  ])('%s is a boolean', (text, value) => {
    const LIKEWISE_CONFIG = file(JSON.stringify({ engine: { allowRemote: !value } }));
    const config = loadConfig({ LIKEWISE_CONFIG, LIKEWISE_ENGINE_ALLOW_REMOTE: text });
    expect(config.engine.allowRemote).toBe(value);
  });

  test.each([
    ['LIKEWISE_ENGINE_PROT', 'LIKEWISE_ENGINE_PORT'],
    ['LIKEWISE_SEEDS', 'LIKEWISE_SEED'],
    ['LIKEWISE_DEBUGS', 'LIKEWISE_DEBUG'],
    ['LIKEWISE_CONFIG_FILE', 'LIKEWISE_'],
    ['LIKEWISE_ENGINE_TOKEN_FIL', 'LIKEWISE_ENGINE_TOKEN'],
    ['LIKEWISE_ENGINE_TOKN_FILE', 'LIKEWISE_ENGINE_TOKEN_FILE'],
  ])('%s is unknown, and %s is suggested', (name, suggestion) => {
    expect(() => loadConfig({ [name]: '1' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`The setting ${name} is wrong`),
        details: { setting: name, reason: expect.stringContaining(`; ${suggestion}`) },
      }),
    );
  });

  test('of other names is let alone, as is an unknown variable that is empty', () => {
    const env = { LIKEWISE_DEBUG: '1', LIKEWISE_SEEDS: '', LIKELY_SEED: 'x', PATH: '/bin' };
    expect(loadConfig(env)).toEqual(defaults);
  });
});

describe('a setting in a file of its own', () => {
  const held = (text: string) => {
    const path = join(dir, 'held');
    writeFileSync(path, text);
    return path;
  };

  test('is read without the line break at its end', () => {
    const token = (text: string) =>
      loadConfig({ LIKEWISE_ENGINE_TOKEN_FILE: held(text) }).engine.token;
    expect(token('canary\n')).toBe('canary');
    expect(token('canary\r\n')).toBe('canary');
    expect(token(' canary ')).toBe(' canary ');
  });

  test('is of its type, and overrides the settings file', () => {
    const LIKEWISE_CONFIG = file('{"engine": {"port": 1}}');
    const config = loadConfig({ LIKEWISE_CONFIG, LIKEWISE_ENGINE_PORT_FILE: held('80\n') });
    expect(config.engine.port).toBe(80);
  });

  test('counts as absent where the name is empty', () => {
    const env = { LIKEWISE_ENGINE_TOKEN: 'canary', LIKEWISE_ENGINE_TOKEN_FILE: '' };
    expect(loadConfig(env).engine.token).toBe('canary');
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'both are given',
      () => ({ LIKEWISE_ENGINE_TOKEN: 'a', LIKEWISE_ENGINE_TOKEN_FILE: held('b') }),
      /engine\.token.*LIKEWISE_ENGINE_TOKEN and LIKEWISE_ENGINE_TOKEN_FILE are both given/,
    ],
    [
      'there is none',
      () => ({ LIKEWISE_ENGINE_TOKEN_FILE: join(dir, 'absent') }),
      /engine\.token.*LIKEWISE_ENGINE_TOKEN_FILE: ENOENT.*absent/,
    ],
    ['it is a folder', () => ({ LIKEWISE_ENGINE_TOKEN_FILE: dir }), /TOKEN_FILE: EISDIR/],
    ['it is empty', () => ({ LIKEWISE_ENGINE_TOKEN_FILE: held('\n') }), /TOKEN_FILE.*is empty/],
  ])('is refused where %s', (_, env, message) => {
    const all = env();
    expect(() => loadConfig(all)).toThrow(message);
    expect(() => loadConfig(all)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('a secret', () => {
  test('is not repeated by what refuses it', () => {
    const misplaced = { LIKEWISE_ENGINE_PORT: 'canary', LIKEWISE_CONFIG: '' };
    expect(() => loadConfig(misplaced)).toThrow(/^(?!.*canary)/);
    const broken = file('{"engine": {"token": "canary", }}');
    expect(() => loadConfig({ LIKEWISE_CONFIG: broken })).toThrow(/^(?!.*canary).*no JSON/);
  });

  const withSettings = (settings: Partial<Config>) => secretsOf({ ...defaults, ...settings });

  test('is a token, or the password of an address, in both forms', () => {
    expect(secretsOf(defaults)).toEqual([]);
    const engine = { ...defaults.engine, token: 'canary-1' };
    const cache = 'rediss://likewise:canary%2F2:x@cache.example:6379/0';
    expect(withSettings({ engine, cache })).toEqual(['canary%2F2:x', 'canary/2:x', 'canary-1']);
  });

  test('is what stands there, even where it is no good', () => {
    expect(withSettings({ cache: 'redis://:100%@cache' })).toEqual(['100%']);
    expect(withSettings({ cache: 'redis://p@ss:w@rd@cache' })).toEqual(['w@rd']);
    expect(withSettings({ cache: 'redis://cache:6379/a:b@c' })).toEqual([]);
  });
});
