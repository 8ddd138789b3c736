import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { defaultSettings, openSettings } from '../../src/commands/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'likewise-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the settings of a tenant last, and are its own', async () => {
  const path = join(folder, 'deep', 'settings.sqlite');
  const first = openSettings(path);
  const changed = { ...defaultSettings, roles: ['1'], rolePerDay: { 1: 5 }, spoilers: true };
  await first.set('discord:1', changed);
  first.close();
  const second = openSettings(path);
  expect(await second.get('discord:1')).toEqual(changed);
  expect(await second.get('discord:2')).toEqual(defaultSettings);
  await expect(second.set('discord:1', { ...changed, maxCells: 0 })).rejects.toThrow();
  expect(await second.get('discord:1')).toEqual(changed);
  second.close();
});
