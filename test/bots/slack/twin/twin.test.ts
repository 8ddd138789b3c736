import { describe, expect, test } from 'vitest';
import type { SlackFile } from './shapes.ts';
import {
  buttons,
  connect,
  image,
  modal,
  open,
  png,
  type SmallApp,
  type Transport,
} from './small-app.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** Downloads what was submitted, uploads it joined, and posts it with a button. */
function listen(app: SmallApp): void {
  app.command('/analogy', async ({ ack, client, body, respond }) => {
    await ack();
    if (body.text === 'help') {
      await respond({ text: 'Pictures by example' });
      await respond({ text: 'Changed', replace_original: true });
      return;
    }
    await client.views.open({ trigger_id: body.trigger_id, view: modal(body.channel_id) });
  });
  app.view('analogy', async ({ ack, view, client, context }) => {
    await ack();
    const read = async (name: string) => {
      const file = view.state.values[name]?.[name]?.files?.[0];
      const response = await fetch(String(file?.url_private), {
        headers: { authorization: `Bearer ${context.botToken}` },
      });
      return response.text();
    };
    const joined = `${await read('a')}+${await read('b')}+${await read('c')}`;
    const uploaded = await client.filesUploadV2({
      file: Buffer.from(joined),
      filename: 'grid.png',
      title: 'Grid',
    });
    const { files } = uploaded as unknown as { files: { files: { id: string }[] }[] };
    const id = String(files[0]?.files[0]?.id);
    const channel = view.private_metadata;
    for (;;) {
      const { file } = await client.files.info({ file: id });
      if (file?.mimetype) break;
    }
    const blocks = [image(id), buttons('stronger')] as never[];
    await client.chat.postMessage({ channel, text: 'Ready', blocks });
  });
  app.action('stronger', async ({ ack, body, client, respond }) => {
    await ack();
    const { message, channel } = body as { message?: { ts: string }; channel?: { id: string } };
    await client.chat.update({
      channel: String(channel?.id),
      ts: String(message?.ts),
      text: 'Stronger',
      blocks: [buttons('stronger')] as never[],
    });
    await respond({ text: 'Only you see this', replace_original: false });
  });
  app.shortcut('use_pictures', async ({ ack, shortcut, respond }) => {
    await ack();
    const { message } = shortcut as unknown as { message: { files?: SlackFile[] } };
    await respond?.({ text: (message.files ?? []).map((one) => one.id).join() });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [{ type: 'section', text: plain(`Home of ${event.user}`) }] },
    });
  });
}

const transports: readonly Transport[] = ['http', 'socket'];

describe.each(transports)('a whole conversation by %s', (transport) => {
  test('a command, a modal with files, a picture, a button, a shortcut, the home', async () => {
    const slack = await open();
    const { errors } = await connect(slack, transport, listen);
    const { alice, bob } = slack.users;
    slack.processing(2);

    const command = slack.slash(alice, '/analogy');
    expect((await command.acked()).status).toBe(200);
    const view = await command.view();
    expect(view.private_metadata).toBe(slack.channels.general);
    expect(slack.openViews(alice)).toEqual([view]);
    expect(() => slack.submit(alice, view, {}, { a: [png('one')] })).toThrow('b is required');
    expect(() => slack.submit(alice, view, { strength: -1 })).toThrow('under 0');

    const files = { a: [png('one')], b: [png('two')], c: [png('three')] };
    const sent = slack.submit(alice, view, { strength: 1.5 }, files);
    expect(await sent.acked()).toMatchObject({ status: 200, body: undefined });
    expect(slack.openViews(alice)).toEqual([]);
    const result = await slack.until(() => slack.messages()[0], 'The result');
    expect(result).toMatchObject({ text: 'Ready', bot_id: slack.home.botId });
    const shown = result.blocks?.[0]?.slack_file as { id?: string } | undefined;
    const id = String(shown?.id);
    expect(new TextDecoder().decode(slack.file(id)?.bytes)).toBe('one+two+three');
    expect(slack.calls('files.info')).toHaveLength(3);
    expect(slack.calls('download')).toHaveLength(3);

    const press = slack.press(bob, result, 'stronger');
    await press.acked();
    expect(await press.reply()).toMatchObject({ text: 'Only you see this', ephemeralTo: bob.id });
    expect(slack.message(result.channel, result.ts)).toMatchObject({ text: 'Stronger' });
    expect(slack.ephemerals(alice)).toEqual([]);

    const posted = await slack.post(alice, 'look', [png('four')], {
      channelId: slack.channels.uninvited,
    });
    const shortcut = slack.messageShortcut(bob, 'use_pictures', posted);
    expect((await shortcut.reply()).text).toBe(posted.files?.[0]?.id);

    await slack.openHome(bob).acked();
    const home = await slack.until(() => slack.homeOf(bob), 'The home');
    expect(JSON.stringify(home.blocks)).toContain(`Home of ${bob.id}`);

    const help = slack.slash(bob, '/analogy', 'help', { dm: true });
    await slack.until(() => help.replies()[0]?.text === 'Changed', 'The change');
    expect(slack.ephemerals(bob).at(-1)?.channel).toBe(slack.dmChannel(bob));
    expect(slack.violations()).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('HTTP', () => {
  test('signatures and retries', async () => {
    const slack = await open();
    const heads: unknown[] = [];
    await connect(slack, 'http', (app) => {
      app.command('/analogy', async ({ ack, context }) => {
        heads.push(context.retryNum ?? null);
        await ack('hello');
      });
    });
    const act = slack.slash(slack.users.alice, '/analogy');
    expect(await act.acked()).toMatchObject({ status: 200, body: 'hello' });
    await slack.again(act, { num: 2 }).acked();
    expect(heads).toEqual([null, 2]);
    const wrong = { signature: `v0=${'0'.repeat(64)}` };
    expect((await slack.raw('command=%2Fanalogy', wrong)).status).toBe(401);
    const old = { timestamp: Math.floor(Date.now() / 1000) - 600 };
    expect((await slack.raw('command=%2Fanalogy', old)).status).toBe(401);
    expect(heads).toHaveLength(2);
  });

  test('two workspaces, installed by OAuth', async () => {
    const slack = await open();
    const held = new Map<string, unknown>();
    const teams: unknown[] = [];
    const { url, errors } = await connect(
      slack,
      'http',
      (app) => {
        app.command('/analogy', async ({ ack, context, client }) => {
          await ack();
          const { team_id } = await client.auth.test();
          teams.push([context.teamId, team_id]);
        });
      },
      {
        clientId: slack.clientId,
        clientSecret: slack.clientSecret,
        stateSecret: 'state',
        scopes: ['chat:write', 'commands'],
        installationStore: {
          storeInstallation: async (one) => void held.set(String(one.team?.id), one),
          fetchInstallation: async (query) => held.get(String(query.teamId)) as never,
        },
        installerOptions: { authorizationUrl: slack.authorizationUrl, directInstall: true },
      },
    );
    const ours = slack.away.users.admin;
    const done = await slack.install(ours, `${url}/slack/install`);
    expect(done).toMatchObject({ status: 200 });
    expect(done.token).toMatch(/^xoxb-/);
    expect([...held.keys()]).toEqual([slack.away.teamId]);
    expect((await slack.slash(slack.away.users.bob, '/analogy').acked()).status).toBe(200);
    await slack.until(() => teams.length > 0, 'The command');
    expect(teams).toEqual([[slack.away.teamId, slack.away.teamId]]);
    // The other workspace has not installed it.
    await slack.slash(slack.users.bob, '/analogy').acked();
    await slack.until(() => errors.length > 0, 'The error');
    expect(errors).toMatchObject([{ code: 'slack_bolt_authorization_error' }]);
    expect(teams).toHaveLength(1);
  });
});

test('a socket that is closed comes back', async () => {
  const slack = await open();
  const seen: string[] = [];
  await connect(slack, 'socket', (app) => {
    app.command('/analogy', async ({ ack, body }) => {
      seen.push(body.text);
      await ack();
    });
  });
  await slack.slash(slack.users.alice, '/analogy', 'one').acked();
  slack.askToReconnect();
  await slack.until(() => slack.sockets() === 0, 'The end');
  await slack.until(() => slack.sockets() === 1, 'The new socket', 30_000);
  await slack.slash(slack.users.alice, '/analogy', 'two').acked();
  expect(seen).toEqual(['one', 'two']);
});
