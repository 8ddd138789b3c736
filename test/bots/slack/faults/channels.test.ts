import { describe, expect, it } from 'vitest';
import {
  analogy,
  isResult,
  long,
  made,
  picture,
  press,
  textIn,
  three,
  watcher,
} from '../members.ts';
import { opened, while_ } from './opened.ts';

describe('a channel that takes nothing', () => {
  it.each([
    ['is not the bot’s', 'uninvited', /invite me with \/invite/],
    ['is archived', 'archived', /is archived/],
  ] as const)('%s: the result is direct, and says why', async (_, name, why) => {
    const { slack, alice, channels } = await opened();
    const result = await made(slack, alice, { place: { channelId: channels[name] } });
    expect(result.channel).toBe(slack.dmChannel(alice));
    expect(textIn(result)).toMatch(why);
  });

  it('is restricted: the result is direct, and says why, in one’s language', async () => {
    const { slack, alice, channels } = await opened({ slack: { locales: { alice: 'de-DE' } } });
    const when = ({ channel }: { channel?: unknown }) => channel === channels.general;
    slack.fail({ method: 'chat.postMessage', error: 'restricted_action', times: 9, when });
    const result = await made(slack, alice);
    expect(result.channel).toBe(slack.dmChannel(alice));
    expect(textIn(result)).toContain('In diesem Kanal darf ich nicht posten');
  });

  it('was archived under a running job: the result is direct', async () => {
    const { slack, alice, engine, channels } = await opened();
    engine.held = true;
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    await watched.running();
    await slack.archive(channels.general);
    engine.held = false;
    const result = await watched.result();
    expect(result.channel).toBe(slack.dmChannel(alice));
    expect(textIn(result)).toMatch(/is archived/);
  });

  it('answers presses where the bot is no member', async () => {
    const { slack, alice, bob, channels } = await opened();
    const first = await made(slack, alice);
    await slack.setMember(channels.general, false);
    const shortcut = slack.messageShortcut(bob, 'apply_analogy', first);
    const view = await shortcut.view(long);
    const watched = watcher(slack, bob);
    await slack.submit(bob, view, {}, { picture: [picture('c')] }).acked(long);
    expect((await watched.result()).channel).toBe(slack.dmChannel(bob));
    const help = await slack.slash(bob, '/analogy', 'help').reply(0, long);
    expect(help.ephemeralTo).toBe(bob.id);
  });
});

describe('a direct message that cannot be sent', () => {
  it('is told in the channel', async () => {
    const { slack, alice } = await opened({ slack: { locales: { alice: 'ja-JP' } } });
    slack.refuseDms(alice);
    const watched = watcher(slack, alice);
    await analogy(slack, alice, { values: { where: 'me' } });
    const said = await watched.said(/ダイレクトメッセージ/);
    expect(said.ephemeralTo).toBe(alice.id);
    await while_();
    expect(watched.fresh().filter(isResult)).toEqual([]);
    expect(slack.ephemerals(alice)).toHaveLength(1);
  });
});

describe('settings', () => {
  const set = async (
    { slack, admin }: Awaited<ReturnType<typeof opened>>,
    values: Readonly<Record<string, string>>,
  ) => {
    const view = await slack.slash(admin, '/analogy', 'settings').view(long);
    const watched = watcher(slack, admin);
    await slack.submit(admin, view, values).acked(long);
    await watched.next();
  };

  it('hidden results are in the thread, and so is what is made from them', async () => {
    const stage = await opened();
    const { slack, alice } = stage;
    await set(stage, { spoilers: 'true' });
    const result = await made(slack, alice);
    expect(JSON.stringify(result.blocks)).not.toContain('slack_file');
    expect(textIn(result)).toContain('open the thread');
    const shared = await slack.until(() => slack.thread(result)[0], 'The picture', long);
    expect(shared.files).toHaveLength(1);
    await set(stage, { spoilers: 'false' });
    const watched = watcher(slack, alice);
    press(slack, alice, result, 'stronger');
    expect(JSON.stringify((await watched.result()).blocks)).not.toContain('slack_file');
    expect(JSON.stringify((await made(slack, alice)).blocks)).toContain('slack_file');
  });

  it('private answers are direct messages', async () => {
    const stage = await opened();
    const { slack, alice } = stage;
    await set(stage, { privatereplies: 'true' });
    const result = await made(slack, alice);
    expect(result.channel).toBe(slack.dmChannel(alice));
    expect(slack.messages().filter(({ bot_id }) => bot_id !== undefined)).toEqual([]);
    const watched = watcher(slack, alice);
    press(slack, alice, result, 'stronger');
    expect((await watched.result()).channel).toBe(slack.dmChannel(alice));
  });

  it('a quota is said with the time at which it ends', async () => {
    const stage = await opened();
    const { slack, alice } = stage;
    await set(stage, { perday: '1' });
    await made(slack, alice);
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    const said = await watched.said(/QUOTA_USED/);
    expect(said.ephemeralTo).toBe(alice.id);
    expect(textIn(said)).toMatch(/<!date\^\d+\^/);
  });

  it('who is blocked, and nobody else; off, for all', async () => {
    const stage = await opened();
    const { slack, alice, bob } = stage;
    await set(stage, { blocked: alice.id });
    expect(textIn(await slack.slash(alice, '/analogy', 'library').reply(0, long))).toContain(
      'ROLE_MISSING',
    );
    expect(textIn(await slack.slash(bob, '/analogy', 'library').reply(0, long))).not.toContain(
      'Code',
    );
    await set(stage, { enabled: 'false' });
    expect(textIn(await slack.slash(bob, '/analogy', 'library').reply(0, long))).toContain(
      'COMMANDS_OFF',
    );
  });

  it('are for admins: in the dialog, and where its answer is made up', async () => {
    const { slack, bob } = await opened();
    const act = slack.slash(bob, '/analogy', 'settings');
    expect(textIn(await act.reply(0, long))).toMatch(/Only admins/);
    const state = { values: { perday: { value: { type: 'number_input', value: '3' } } } };
    const view = {
      id: 'V1',
      type: 'modal',
      hash: '1',
      callback_id: 'run~settings',
      private_metadata: JSON.stringify({ channel: slack.channels.general }),
      blocks: [],
      state,
    };
    const payload = {
      type: 'view_submission',
      trigger_id: '1.2.3',
      team: { id: bob.teamId },
      user: { id: bob.id },
      view,
    };
    const watched = watcher(slack, bob);
    await slack.raw(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
    await watched.said(/ADMINS_ONLY/);
  });
});

describe('what somebody began or saved', () => {
  it('is theirs: others may not cancel, rename or forget it; admins may cancel and rename', async () => {
    const { slack, alice, bob, admin, engine } = await opened();
    const first = await made(slack, alice);
    const dialog = async (user: typeof alice, words: string, values: Record<string, string>) => {
      const view = await slack.slash(user, '/analogy', words).view(long);
      if (values.analogy) await slack.suggest(user, view, 'value', values.analogy).acked(long);
      const watched = watcher(slack, user);
      await slack.submit(user, view, values).acked(long);
      return watched.next();
    };
    const naming = press(slack, alice, first, 'name');
    const saved = watcher(slack, alice);
    await slack.submit(alice, await naming.view(long), { name: 'glasses' }).acked(long);
    await saved.next();
    const rename = { analogy: 'glasses', name: 'x' };
    expect(textIn(await dialog(bob, 'rename', rename))).toContain('ANALOGY_NOT_YOURS');
    expect(textIn(await dialog(admin, 'rename', rename))).not.toContain('Code');
    engine.held = true;
    const watched = watcher(slack, alice);
    await analogy(slack, alice, { files: three });
    const running = await watched.running();
    const refused = await press(slack, bob, running, 'cancel').reply(0, long);
    expect(textIn(refused)).toContain('JOB_NOT_YOURS');
    press(slack, admin, running, 'cancel');
    await slack.until(
      () => textIn(slack.message(running.channel, running.ts)) === 'Cancelled.',
      'The end',
      long,
    );
  });
});
