import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { long, made, press } from '../members.ts';
import { type Opened, opened } from './opened.ts';

const forget = async ({ slack, alice }: Opened) => {
  const asked = await slack.slash(alice, '/analogy', 'forget-me').reply(0, long);
  press(slack, alice, asked, 'forgetyes');
};

const kept = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('slack.sqlite'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join();

it('posts of somebody who is forgotten go after the next start, where Slack did not let them before', async () => {
  const stage = await opened();
  const { slack, alice, folder } = stage;
  const results = [await made(slack, alice), await made(slack, alice)];
  const [stuck] = results;
  let isBroken = true;
  const isStuck = ({ ts }: { ts?: unknown }) => isBroken && ts === stuck?.ts;
  slack.fail({ method: 'chat.delete', error: 'ekm_access_denied', times: 9, when: isStuck });
  await forget(stage);
  const there = () => results.filter(({ channel, ts }) => slack.message(channel, ts));
  await slack.until(() => there().length === 1, 'One to go', long);
  await slack.until(() => !kept(folder).includes(String(results[1]?.ts)), 'Its record', long);
  expect(there()).toEqual([stuck]);
  expect(kept(folder)).toContain(String(stuck?.ts));
  isBroken = false;
  await stage.stage.restart();
  await slack.until(() => there().length === 0, 'The other to go', long);
  await slack.until(() => !kept(folder).includes(String(stuck?.ts)), 'Its record', long);
});
