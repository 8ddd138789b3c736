import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { analogy, long, picture, textIn, three, watcher } from '../members.ts';
import { opened } from './opened.ts';

const said = async (
  { slack, alice }: Awaited<ReturnType<typeof opened>>,
  files: Parameters<typeof analogy>[2],
) => {
  const watched = watcher(slack, alice);
  await analogy(slack, alice, files);
  return textIn(await watched.next());
};

it('says which permission is missing, where Slack shows a page to sign in', async () => {
  const stage = await opened();
  const { slack } = stage;
  slack.fail({ method: 'download', times: 9 });
  expect(await said(stage, {})).toMatch(/lacks the permission files:read[\s\S]*FETCH_FORBIDDEN/);
  slack.setScopes(slack.home, ['chat:write', 'commands', 'files:write', 'im:write', 'users:read']);
  expect(await said(stage, {})).toMatch(/lacks the permission files:read[\s\S]*FETCH_FORBIDDEN/);
});

it('says what is wrong with a picture: too large, or none', async () => {
  const stage = await opened();
  const large = { name: 'large.png', bytes: new Uint8Array(1_200_000) };
  expect(await said(stage, { files: { ...three, picture: [large] } })).toMatch(/PICTURE_TOO_HEAVY/);
  // It is not read at all.
  const paths = stage.slack.calls('download').map(({ body }) => String(body.path));
  expect(paths.some((path) => path.includes('large.png'))).toBe(false);
  const none = { name: 'none.png', bytes: new Uint8Array([1, 2, 3]) };
  expect(await said(stage, { files: { ...three, after: [none] } })).toMatch(
    /^.*A' [\s\S]*PICTURE_UNKNOWN/,
  );
});

it('reads nothing from other hosts', async () => {
  const stage = await opened({ fileHosts: ['files.slack.com'] });
  expect(await said(stage, {})).toContain('FETCH_FAILED');
  expect(stage.slack.calls('download')).toEqual([]);
});

it('follows no redirect: the token stays with Slack', async () => {
  const heard: unknown[] = [];
  const elsewhere = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.end('picture x');
  });
  await new Promise<void>((ready) => elsewhere.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    elsewhere.closeAllConnections();
    elsewhere.close();
  });
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  const stage = await opened();
  stage.slack.fail({ method: 'download', times: 9, more: { location } });
  expect(await said(stage, {})).toContain('FETCH_FORBIDDEN');
  expect(heard).toEqual([]);
});

it('a file that was deleted meanwhile is said', async () => {
  const stage = await opened();
  const { slack, alice } = stage;
  const look = await slack.post(alice, 'look', [picture('a'), picture('b'), picture('c')]);
  const view = await slack.messageShortcut(alice, 'use_pictures', look).view(long);
  await slack.deleteFile(String(look.files?.[0]?.id));
  const watched = watcher(slack, alice);
  await slack.submit(alice, view).acked(long);
  expect(textIn(await watched.next())).toContain('FETCH_FAILED');
});
