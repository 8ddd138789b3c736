import { expect, it } from 'vitest';
import type { Commands, Context } from '../../../../src/commands/port.ts';
import { long, made, press, pressId, watcher } from '../members.ts';
import type { JsonObject, Message } from '../twin/shapes.ts';
import { opened } from './opened.ts';

/** What the commands are told of where something was done. */
function contexts() {
  const seen: Context[] = [];
  const watch = (commands: Commands): Commands => ({
    ...commands,
    run(context, name, input) {
      seen.push(context);
      return commands.run(context, name, input);
    },
    press(context, id, values) {
      seen.push(context);
      return commands.press(context, id, values);
    },
  });
  return { seen, watch };
}

it('a press is answered where its message is: in the thread, or in the channel', async () => {
  const { slack, alice, bob } = await opened();
  const first = await made(slack, alice);
  const watched = watcher(slack, alice);
  press(slack, alice, first, 'stronger');
  const below = await watched.result();
  expect(below.thread_ts).toBe(first.ts);
  const refused = (message: Message) =>
    pressId(slack, bob, message, `s.remove~${alice.id}`).reply(0, long);
  expect((await refused(below)).thread_ts).toBe(first.ts);
  // The first message has a thread by now; who presses there need not have it open.
  const above = slack.message(first.channel, first.ts) as Message;
  expect((await refused(above)).thread_ts).toBeUndefined();
  const { files: _, ...plain } = await slack.post(bob, 'look', [], { threadTs: first.ts });
  const shortcut = slack.messageShortcut(bob, 'use_pictures', plain as Message);
  expect((await shortcut.reply(0, long)).thread_ts).toBe(first.ts);
});

it('a message has one name, whether its button acts or asks', async () => {
  const { seen, watch } = contexts();
  const { slack, alice } = await opened({ watch });
  const first = await made(slack, alice);
  const watched = watcher(slack, alice);
  press(slack, alice, first, 'stronger');
  await watched.result();
  const acted = seen.at(-1)?.message;
  const view = await press(slack, alice, first, 'name').view(long);
  const named = watcher(slack, alice);
  await slack.submit(alice, view, { name: 'glasses' }).acked(long);
  await named.next();
  expect(acted).toBe(`${first.channel}.${first.ts}`);
  expect(seen.at(-1)?.message).toBe(acted);
});

it('a member of another company’s workspace belongs to the one with the channel', async () => {
  const { seen, watch } = contexts();
  const { slack, alice } = await opened({ watch });
  const first = await made(slack, alice);
  const stranger = slack.away.users.admin;
  const user = { id: stranger.id, team_id: stranger.teamId };
  const channel = { id: first.channel };
  const send = async (payload: JsonObject) => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) });
    expect((await slack.raw(body.toString())).status).toBe(200);
  };
  const act = (value: string) =>
    send({
      type: 'block_actions',
      team: { id: alice.teamId },
      user,
      trigger_id: `${value}.1`,
      channel,
      container: { type: 'message', message_ts: first.ts, channel_id: first.channel },
      message: { ts: first.ts },
      actions: [{ type: 'button', action_id: 'press:1', block_id: 'b', value }],
    });
  const strangers = () => seen.filter((context) => context.user === stranger.id);
  // An admin there is none here.
  const watched = watcher(slack, stranger);
  await act(`s.remove~${alice.id}`);
  await slack.until(() => slack.calls('chat.postEphemeral').length > 0, 'The word', long);
  expect(slack.message(first.channel, first.ts)).toBeDefined();
  expect(watched.fresh()).toEqual([]);
  // A dialog says whose workspace it was sent in, and apart from it where the app is.
  await send({
    type: 'view_submission',
    team: { id: stranger.teamId },
    user,
    trigger_id: '2.1',
    view: {
      id: 'V1',
      type: 'modal',
      hash: '1',
      callback_id: 'run~library',
      private_metadata: JSON.stringify({ channel: first.channel }),
      app_installed_team_id: alice.teamId,
      blocks: [],
      state: { values: {} },
    },
  });
  await slack.until(() => strangers().length > 0, 'A dialog', long);
  // An event names their workspace first.
  const event = { type: 'app_home_opened', user: stranger.id, channel: 'D1', tab: 'home' };
  const body = {
    type: 'event_callback',
    event_id: 'Ev1',
    team_id: stranger.teamId,
    context_team_id: alice.teamId,
    authorizations: [{ team_id: alice.teamId, enterprise_id: null, user_id: 'U0', is_bot: true }],
    event,
  };
  await slack.raw(JSON.stringify(body), { contentType: 'application/json' });
  await slack.until(() => strangers().length > 2, 'The Home tab', long);
  for (const { tenant, admin, moderator } of strangers()) {
    expect({ tenant, admin, moderator }).toEqual({
      tenant: `slack:${alice.teamId}`,
      admin: false,
      moderator: false,
    });
  }
});
