import { describe, expect, test } from 'vitest';
import type { JsonObject } from './shapes.ts';
import { buttons, connect, open } from './small-app.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value), value });

/** A message with one of each that can be picked from. */
const picks = [
  {
    type: 'actions',
    block_id: 'picks',
    elements: [
      { type: 'static_select', action_id: 'strength', options: [option('1'), option('2')] },
      { type: 'overflow', action_id: 'more', options: [option('reverse'), option('forget')] },
      { type: 'external_select', action_id: 'saved', min_query_length: 0 },
    ],
  },
];

const view = (name: string, blocks: readonly JsonObject[] = []) => ({
  type: 'modal' as const,
  callback_id: name,
  notify_on_close: true,
  title: plain(name),
  submit: plain('Go'),
  blocks: [
    {
      type: 'input',
      block_id: 'text',
      label: plain('Text'),
      element: { type: 'plain_text_input', action_id: 'text', max_length: 5 },
    },
    ...blocks,
  ] as never[],
});

describe('what members do', () => {
  test('selects, overflow menus and options that the bot offers', async () => {
    const slack = await open();
    const actions: unknown[] = [];
    const { app } = await connect(slack, 'http', (one) => {
      one.action(/.*/, async ({ ack, action, body }) => {
        await ack();
        const { type, selected_option: chosen } = action as unknown as JsonObject;
        const { state } = body as unknown as { state?: { values: JsonObject } };
        actions.push([type, (chosen as JsonObject | undefined)?.value, state?.values.picks]);
      });
      one.options('saved', async ({ ack, payload }) => {
        await ack({ options: [option(`${payload.value}-1`), option(`${payload.value}-2`)] });
      });
    });
    const { general: channel } = slack.channels;
    const { bob } = slack.users;
    const sent = await app.client.chat.postMessage({
      channel,
      text: 'x',
      blocks: picks as never[],
    });
    const message = slack.message(channel, String(sent.ts));
    if (message === undefined) throw new Error('The message is not there');
    expect(() => slack.select(bob, message, 'strength', '3')).toThrow('does not offer 3');
    expect(() => slack.select(bob, message, 'saved', 'a-1')).toThrow('does not offer a-1');
    expect(() => slack.press(bob, message, 'strength')).toThrow('There is no strength');
    await slack.select(bob, message, 'strength', '2').acked();
    await slack.select(bob, message, 'more', 'forget').acked();
    const offered = await slack.suggest(bob, message, 'saved', 'a').acked();
    expect(offered.body).toMatchObject({ options: [{ value: 'a-1' }, { value: 'a-2' }] });
    await slack.select(bob, message, 'saved', 'a-2').acked();
    await slack.until(() => actions.length === 3, 'The actions');
    const strength = { type: 'static_select', selected_option: option('2') };
    const empty = { type: 'external_select', selected_option: null };
    expect(actions).toEqual([
      ['static_select', '2', { strength, saved: empty }],
      ['overflow', 'forget', { strength, saved: empty }],
      ['external_select', 'a-2', { strength, saved: { ...empty, selected_option: option('a-2') } }],
    ]);
    expect(slack.violations()).toEqual([]);
  });

  test('modals that are changed, stacked and closed', async () => {
    const slack = await open();
    const closed: string[] = [];
    await connect(slack, 'http', (app) => {
      app.shortcut('new', async ({ ack, shortcut, client }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: view('first') });
      });
      app.view('first', async ({ ack }) =>
        ack({ response_action: 'update', view: view('second') }),
      );
      app.view('second', async ({ ack }) =>
        ack({ response_action: 'push', view: view('third', [buttons('deeper')]) }),
      );
      app.action('deeper', async ({ ack, body, client }) => {
        await ack();
        const { trigger_id, view: on } = body as unknown as {
          trigger_id: string;
          view: { id: string };
        };
        await client.views.update({ view_id: on.id, view: view('changed', [buttons('deeper')]) });
        await client.views.push({ trigger_id, view: view('fourth') });
      });
      app.view('fourth', async ({ ack }) => ack({ response_action: 'clear' }));
      app.view({ callback_id: /.*/, type: 'view_closed' }, async ({ ack, view: on }) => {
        await ack();
        closed.push(on.callback_id);
      });
    });
    const { alice } = slack.users;
    const names = () => slack.openViews(alice).map((one) => one.callback_id);
    const first = await slack.globalShortcut(alice, 'new').view();
    expect(() => slack.submit(alice, first)).toThrow('text is required');
    expect(() => slack.submit(alice, first, { text: 'longer' })).toThrow('longer than 5');
    expect(() => slack.submit(slack.users.bob, first, { text: 'x' })).toThrow('does not see');
    const second = await slack.submit(alice, first, { text: 'one' }).view();
    expect(second.id).toBe(first.id);
    expect(names()).toEqual(['second']);
    const pushed = slack.submit(alice, second);
    // What was typed is kept where the view was changed.
    expect((pushed.payload.view as { state: unknown }).state).toMatchObject({
      values: { text: { text: { value: 'one' } } },
    });
    const third = await pushed.view();
    expect(names()).toEqual(['second', 'third']);
    const fourth = await slack.press(alice, third, 'deeper').view();
    expect(names()).toEqual(['second', 'changed', 'fourth']);
    await slack.dismiss(alice, fourth)?.acked();
    expect(names()).toEqual(['second', 'changed']);
    expect(closed).toEqual(['fourth']);
    expect(slack.violations()).toEqual([]);
  });

  test('what only one member sees, and what is gone', async () => {
    const slack = await open();
    const bodies: JsonObject[] = [];
    const { app } = await connect(slack, 'http', (one) => {
      one.action('go', async ({ ack, body, respond }) => {
        await ack();
        bodies.push(body as unknown as JsonObject);
        await respond({ delete_original: true });
      });
    });
    const { alice, bob } = slack.users;
    const { other: channel } = slack.channels;
    await app.client.chat.postEphemeral({
      channel,
      user: alice.id,
      text: 'x',
      blocks: [buttons('go')] as never[],
    });
    const [message] = slack.ephemerals(alice);
    if (message === undefined) throw new Error('The message is not there');
    expect(slack.messages(channel)).toEqual([]);
    expect(() => slack.press(bob, message, 'go')).toThrow('does not see');
    expect(() => slack.messageShortcut(alice, 'x', message)).toThrow('no shortcuts');
    await slack.press(alice, message, 'go').acked();
    await slack.until(() => slack.ephemerals(alice).length === 0, 'The end of it');
    expect(bodies[0]?.message).toBeUndefined();
    expect(bodies[0]?.container).toMatchObject({ is_ephemeral: true, channel_id: channel });
    expect(() => slack.press(alice, message, 'go')).toThrow('is gone');
  });

  test('a crowd, and a workspace that removes the app', async () => {
    const slack = await open({ crowd: 120 });
    const seen: unknown[] = [];
    const { app } = await connect(slack, 'http', (one) => {
      one.event('app_uninstalled', async ({ context }) => void seen.push(context.teamId));
      one.command('/analogy', async ({ ack, body }) => {
        seen.push(body.user_name);
        await ack();
      });
    });
    expect(slack.crowd).toHaveLength(120);
    const last = slack.crowd.at(-1);
    if (last === undefined) throw new Error('There is no crowd');
    await slack.slash(last, '/analogy', '', { dm: true }).acked();
    await slack.uninstall(slack.users.admin).acked();
    await slack.until(() => seen.length === 2, 'The event');
    expect(seen).toEqual(['member-120', slack.home.teamId]);
    const post = app.client.chat.postMessage({ channel: slack.channels.general, text: 'x' });
    await expect(post).rejects.toThrow('account_inactive');
  });
});

test('a socket that is lost comes back, and an event is sent again', async () => {
  const slack = await open();
  const seen: unknown[] = [];
  await connect(slack, 'socket', (app) => {
    app.event('app_home_opened', async ({ body, context }) => {
      seen.push([body.event_id, context.retryNum]);
    });
  });
  const { alice } = slack.users;
  const act = slack.openHome(alice);
  await act.acked();
  await slack.again(act, { num: 1 }).acked();
  await slack.until(() => seen.length === 2, 'Both');
  const { event_id: id } = act.payload;
  expect(seen).toEqual([
    [id, 0],
    [id, 1],
  ]);
  slack.dropSockets();
  await slack.until(() => slack.sockets() === 0, 'The end');
  await expect(slack.openHome(alice).acked()).rejects.toThrow('No socket');
  await slack.useSocket(30_000);
  await slack.openHome(alice).acked();
});
