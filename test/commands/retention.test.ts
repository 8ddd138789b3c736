import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultSettings } from '../../src/commands/settings.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform } from './scripted-platform.ts';

const day = 86_400_000;
let now = 100 * day;
let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  now = 100 * day;
  engine = fakeEngine();
  platform = await scriptedPlatform(engine, () => now, { engineDays: 30 });
});
afterEach(() => platform.close());

const keep = (retentionDays: number) =>
  platform.settings.set('script:1', { ...defaultSettings, retentionDays });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('a tenant’s shorter setting has the rest removed, once a day while it is used', async () => {
  await keep(3);
  await platform.run('help');
  await platform.run('status');
  await settled();
  expect(engine.erased).toEqual([{ tenant: 'script:1', before: 97 * day }]);
  now += day - 1;
  await platform.run('status');
  await settled();
  expect(engine.erased).toHaveLength(1);
  now += 1;
  await platform.run('status');
  await settled();
  expect(engine.erased[1]).toEqual({ tenant: 'script:1', before: 98 * day });
});

test('nothing is removed where the engine keeps nothing for longer', async () => {
  await keep(30);
  await platform.run('status');
  await settled();
  expect(engine.erased).toEqual([]);
});

test('what goes wrong is logged, and no answer waits for it', async () => {
  await keep(3);
  engine.forgetBefore = () => Promise.reject(new Error('away'));
  expect((await platform.run('status')).at(-1)).toMatchObject({ kind: 'list' });
  await settled();
  expect(platform.logged).toMatchObject([{ err: { message: 'away' } }]);
  engine.forgetBefore = () => new Promise(() => {});
  now += day;
  expect((await platform.run('status')).at(-1)).toMatchObject({ kind: 'list' });
});
