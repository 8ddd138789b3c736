import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openInstallations } from '../../../src/bots/slack/installations.ts';

const opened = () => {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
  const path = join(folder, 'installations.sqlite');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bytes = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join();
  return { path, bytes };
};

const installed = (id: string, token: string, enterprise?: string) =>
  ({
    team: enterprise === undefined ? { id } : undefined,
    enterprise: enterprise === undefined ? undefined : { id: enterprise },
    isEnterpriseInstall: enterprise !== undefined,
    user: { id: 'U1' },
    bot: { token, id: 'B1', userId: 'U2', scopes: [] },
  }) as never;

const query = (teamId: string, enterpriseId?: string) =>
  ({ teamId, enterpriseId, isEnterpriseInstall: false }) as never;

it('keeps tokens across restarts, in a file that nobody else may read', async () => {
  const { path } = opened();
  const first = openInstallations(path);
  await first.storeInstallation(installed('T1', 'xoxb-one'));
  await first.storeInstallation(installed('T1', 'xoxb-newer'));
  await first.storeInstallation(installed('T2', 'xoxb-two'));
  first.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const second = openInstallations(path);
  onTestFinished(second.close);
  expect(second.tokenOf('T1')).toBe('xoxb-newer');
  expect(await second.fetchInstallation(query('T2'))).toMatchObject({ bot: { token: 'xoxb-two' } });
  expect(second.tokenOf('T3')).toBeUndefined();
  await expect(second.fetchInstallation(query('T3'))).rejects.toThrow('not installed in T3');
});

it('leaves no byte of a token that was removed', async () => {
  const { path, bytes } = opened();
  const store = openInstallations(path);
  await store.storeInstallation(installed('T1', 'xoxb-one'));
  await store.storeInstallation(installed('T2', 'xoxb-two'));
  expect(bytes()).toContain('xoxb-one');
  store.remove('T1');
  expect(bytes()).not.toContain('xoxb-one');
  expect(store.tokenOf('T2')).toBe('xoxb-two');
  await store.deleteInstallation?.(query('T2'));
  store.close();
  expect(bytes()).not.toContain('xoxb-two');
});

it('finds the installation of an organisation for its workspaces', async () => {
  const { path } = opened();
  const store = openInstallations(path);
  onTestFinished(store.close);
  await store.storeInstallation(installed('', 'xoxb-org', 'E1'));
  const found = await store.fetchInstallation(query('T7', 'E1'));
  expect(found).toMatchObject({ bot: { token: 'xoxb-org' } });
});
