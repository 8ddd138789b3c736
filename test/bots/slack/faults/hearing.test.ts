import { describe, expect, it } from 'vitest';
import type { Commands } from '../../../../src/commands/port.ts';
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

/** Milliseconds in which Slack wants to be answered. */
const due = 3000;

describe.each(['http', 'socket'] as const)('what Slack delivers by %s', (transport) => {
  it('is acknowledged at once, whatever hangs behind it', async () => {
    const { slack, alice, engine } = await opened({ transport });
    const first = await made(slack, alice);
    // Nobody says who somebody is, and the engine takes its time.
    slack.fail({ method: 'users.info', status: 500, times: 100 });
    engine.held = true;
    engine.findAnalogies = () => new Promise(() => {});
    engine.listAnalogies = () => new Promise(() => {});
    engine.putPicture = () => new Promise(() => {});
    const { bob } = slack.users;
    const command = slack.slash(bob, '/analogy');
    const view = await command.view(long);
    const acts = [
      command,
      slack.suggest(bob, view, 'value', 'x'),
      slack.submit(bob, view, {}, three),
      press(slack, bob, first, 'stronger'),
      press(slack, bob, first, 'apply'),
      slack.messageShortcut(bob, 'apply_analogy', first),
      slack.globalShortcut(bob, 'new_analogy'),
      slack.openHome(bob),
      slack.slash(bob, '/analogy', 'library'),
    ];
    const acks = await Promise.all(acts.map((act) => act.acked(long)));
    expect(acks.map(({ status }) => status)).toEqual(acks.map(() => 200));
    // How long this machine takes for what waits for nothing at all.
    const busy = Math.min(...acks.map(({ after }) => after));
    for (const { after } of acks) expect(after).toBeLessThan(due + 20 * busy);
  });

  it('is done once, however often it is delivered', async () => {
    const { slack, alice, engine, stage } = await opened({ transport });
    const view = await slack.slash(alice, '/analogy').view(long);
    const watched = watcher(slack, alice);
    const sent = slack.submit(alice, view, {}, three);
    await sent.acked(long);
    for (const num of [1, 2, 3]) {
      expect((await slack.again(sent, { num }).acked(long)).status).toBe(200);
    }
    const result = await watched.result();
    const stronger = watcher(slack, alice);
    const act = press(slack, alice, result, 'stronger');
    await slack.again(act, { num: 1 }).acked(long);
    await stronger.result();
    const help = slack.slash(alice, '/analogy', 'help');
    await slack.again(help, { num: 1 }).acked(long);
    await help.reply(0, long);
    const shortcut = slack.messageShortcut(alice, 'apply_analogy', result);
    await slack.again(shortcut, { num: 1 }).acked(long);
    await shortcut.view(long);
    await while_();
    expect(engine.requests).toHaveLength(2);
    expect(watched.fresh().filter(isResult)).toHaveLength(2);
    expect(help.replies()).toHaveLength(1);
    expect(slack.calls('views.open').filter(({ ok }) => ok)).toHaveLength(2);
    expect(stage.logged).toEqual([]);
  });
});

describe('what does not come from Slack', () => {
  it('is refused: a wrong signature, and an old one', async () => {
    const { slack, engine } = await opened();
    const body = 'command=%2Fanalogy&text=help&trigger_id=1&user_id=U1&channel_id=C1&team_id=T1';
    const wrong = { signature: `v0=${'0'.repeat(64)}` };
    expect((await slack.raw(body, wrong)).status).toBe(401);
    const old = { timestamp: Math.floor(Date.now() / 1000) - 600 };
    expect((await slack.raw(body, old)).status).toBe(401);
    expect(engine.requests).toEqual([]);
    // The app itself and nothing for members.
    expect(slack.requests.filter(({ method }) => method !== 'auth.test')).toEqual([]);
  });
});

describe('what breaks before a dialog is answered', () => {
  it('closes the dialog all the same, and is said', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    const watch = (commands: Commands): Commands => ({ ...commands, run: broken });
    const { slack, alice } = await opened({ watch });
    const view = await slack.slash(alice, '/analogy').view(long);
    const watched = watcher(slack, alice);
    const sent = slack.submit(alice, view, {}, three);
    expect(await sent.acked(long)).toMatchObject({ status: 200, body: undefined });
    expect(slack.openViews(alice)).toEqual([]);
    expect(textIn(await watched.next())).toContain('INTERNAL');
  });
});

describe('a socket', () => {
  it('comes back: after Slack asked for it, and after it was dropped', async () => {
    const { slack, alice } = await opened({ transport: 'socket' });
    for (const end of [() => slack.askToReconnect(), () => slack.dropSockets()]) {
      const watched = watcher(slack, alice);
      await analogy(slack, alice);
      const opened = () => slack.calls('apps.connections.open').length;
      const before = opened();
      end();
      await watched.result();
      await slack.until(() => opened() > before && slack.sockets() === 1, 'A socket', long);
      // What is said from now on is heard by the new one.
      await slack.slash(alice, '/analogy', 'help').reply(0, long);
    }
    const result = await made(slack, alice, { files: { ...three, picture: [picture('z')] } });
    expect(isResult(result)).toBe(true);
  });
});

it('of two presses at once, the later takes the place of the earlier', async () => {
  const { slack, alice, engine } = await opened();
  const first = await made(slack, alice);
  engine.held = true;
  const watched = watcher(slack, alice);
  press(slack, alice, first, 'stronger');
  const earlier = await watched.running();
  press(slack, alice, first, 'weaker');
  await slack.until(() => engine.requests.length === 3, 'The later one', long);
  engine.held = false;
  await watched.result();
  await slack.until(() => !slack.message(earlier.channel, earlier.ts), 'The earlier to go', long);
  await while_();
  expect(watched.fresh()).toHaveLength(1);
});
