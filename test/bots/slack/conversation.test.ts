import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steppedEngine } from '../discord/stepped-engine.ts';
import {
  analogy,
  filesIn,
  imagesIn,
  isResult,
  isRunning,
  long,
  made,
  picture,
  press,
  pressed,
  pressesIn,
  pressFor,
  shownIn,
  textIn,
  three,
  watcher,
} from './members.ts';
import { scoped } from './scopes.ts';
import { openStage, type Stage } from './stage.ts';
import type { Member, Message, Slack } from './twin/shapes.ts';

describe.each(['http', 'socket'] as const)(
  'a conversation with the Slack bot by %s',
  (transport) => {
    const engine = steppedEngine();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
    let stage: Stage;
    let slack: Slack;
    let alice: Member;
    let bob: Member;
    let admin: Member;
    /** What everything else is made from. */
    let first: Message;
    /** What Bob asked for, about Alice's job. */
    let shownToBob: Message;

    beforeAll(async () => {
      const locales = { bob: 'de-DE' };
      stage = await openStage({ engine, folder, transport, slack: { locales } });
      slack = stage.slack;
      ({ alice, bob, admin } = slack.users);
    });
    afterAll(async () => {
      const wrong = slack.violations();
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
      expect(wrong).toEqual([]);
      expect(stage.logged).toEqual([]);
      // No scope is asked for in vain.
      const called = new Set(slack.requests.map(({ method }) => method));
      expect(scoped.filter((method) => !called.has(method))).toEqual([]);
    });

    const now = (message: Message) => slack.message(message.channel, message.ts) as Message;
    it('/analogy opens a dialog, tells how far it is, and ends in the grid', async () => {
      engine.held = true;
      engine.pause();
      const command = slack.slash(alice, '/analogy');
      expect(await command.acked(long)).toMatchObject({ status: 200, body: undefined });
      const view = await command.view(long);
      expect(filesIn(view).map(({ block_id }) => block_id)).toEqual(['before', 'after', 'picture']);
      const watched = watcher(slack, alice);
      const sent = slack.submit(alice, view, { text: 'smiling', strengths: '0, 1, 2' }, three);
      expect(await sent.acked(long)).toMatchObject({ status: 200, body: undefined });
      const waiting = await watched.running();
      expect(waiting.channel).toBe(slack.channels.general);
      expect(waiting.thread_ts).toBeUndefined();
      expect(textIn(waiting)).toMatch(/1 job before|#2/);
      expect(textIn(waiting)).toContain('▱▱▱  0 %');
      engine.held = false;
      const drawn = await slack.until(
        () => imagesIn(now(waiting)).length > 0 && now(waiting),
        'A preview',
        long,
      );
      expect(textIn(drawn)).toContain('50 %');
      const preview = fileIn(drawn);
      engine.proceed();
      first = await slack.until(() => isResult(now(waiting)) && now(waiting), 'The grid', long);
      expect(watched.fresh()).toHaveLength(1);
      expect(shownIn(slack, first)).toMatch(/\.grid$/);
      expect(String(imagesIn(first)[0]?.alt_text)).toMatch(/strengths?/i);
      expect(engine.requests.at(-1)).toMatchObject({ text: 'smiling' });
      // The preview is no longer in Slack.
      await slack.until(() => slack.file(preview) === undefined, 'The preview to go', long);
      for (const id of ['original', 'apply', 'name', 's.remove']) pressFor(first, id);
    });

    it('every action does something, and so does every one of what comes of it', async () => {
      const named = await pressed(stage, alice, first, pressFor(first, 'name'));
      const saved = /Saved as (\w+)/.exec(textIn(named))?.[1];
      const renaming = await slack.slash(alice, '/analogy', 'rename').view(long);
      await slack.suggest(alice, renaming, 'value', String(saved)).acked(long);
      const renamed = watcher(slack, alice);
      await slack.submit(alice, renaming, { analogy: String(saved), name: 'glasses' }).acked(long);
      await renamed.said(/glasses/);
      const seen = new Set<string>(['name', 's.remove']);
      const all = [first];
      for (const message of all) {
        for (const id of pressesIn(message)) {
          const action = String(id.split('~')[0]);
          // Each of the first message; of the others, what that one did not offer.
          if (action === 's.remove' || action === 'name') continue;
          if (message !== first && seen.has(action)) continue;
          const answered = await pressed(stage, alice, message, id);
          expect([action, textIn(answered)]).not.toEqual([
            action,
            expect.stringContaining('Code: '),
          ]);
          // Below what it refines.
          if (answered.ephemeralTo === undefined) expect(answered.thread_ts).toBe(first.ts);
          if (!seen.has(action) && pressesIn(answered).length > 0) all.push(answered);
          seen.add(action);
        }
      }
      const wanted =
        'animate apply back combine finer less more original pick reverse stronger table undo weaker';
      for (const action of wanted.split(' ')) expect([...seen]).toContain(action);
      const kinds = elementKinds(first);
      expect(kinds).toContain('overflow');
    });

    it('whoever asked deletes a result, and nobody else but admins', async () => {
      const result = await pressed(stage, alice, first, pressFor(first, 'stronger'));
      const refused = await press(slack, bob, result, 's.remove').reply(0, long);
      expect(textIn(refused)).toMatch(/oder ein Admin/);
      expect(slack.message(result.channel, result.ts)).toBeDefined();
      const grid = fileIn(result);
      await press(slack, alice, result, 's.remove').acked(long);
      await slack.until(() => !slack.message(result.channel, result.ts), 'The end', long);
      await slack.until(() => !slack.file(grid), 'The end of its picture', long);
      const other = await pressed(stage, alice, first, pressFor(first, 'stronger'));
      await press(slack, admin, other, 's.remove').acked(long);
      await slack.until(() => !slack.message(other.channel, other.ts), 'The end', long);
    });

    it('Apply this analogy: by another member, with a new file, below the result', async () => {
      const shortcut = slack.messageShortcut(bob, 'apply_analogy', now(first));
      const view = await shortcut.view(long);
      expect(view.title).toMatchObject({ text: 'Diese Analogie anwenden' });
      const watched = watcher(slack, bob);
      await slack.submit(bob, view, {}, { picture: [picture('c')] }).acked(long);
      shownToBob = await watched.result();
      expect(shownToBob.thread_ts).toBe(first.ts);
      expect(engine.requests.at(-1)).toMatchObject({ kind: 'apply' });
      const showing = watcher(slack, bob);
      const [, job] = pressFor(first, 'name').split('~');
      slack.slash(bob, '/analogy', `show ${job}`, { channelId: slack.channels.other });
      shownToBob = await showing.result();
      expect(shownToBob.channel).toBe(slack.channels.other);
      const hello = await slack.post(alice, 'hello');
      const none = slack.messageShortcut(bob, 'apply_analogy', hello);
      expect((await none.reply(0, long)).ephemeralTo).toBe(bob.id);
    });

    it('only to me: a direct message', async () => {
      const result = await made(slack, alice, { values: { where: 'me' } });
      expect(result.channel).toBe(slack.dmChannel(alice));
      expect(textIn(result)).toContain('The result of your private request:');
    });

    it('a restart in the middle: the new bot tells the end, and old actions work', async () => {
      engine.held = true;
      const watched = watcher(slack, alice);
      await analogy(slack, alice);
      const running = await watched.running();
      await stage.restart();
      engine.held = false;
      await slack.until(() => isResult(now(running)), 'The result', long);
      expect(watched.fresh()).toHaveLength(1);
      const old = watcher(slack, bob);
      press(slack, bob, now(first), 'weaker');
      expect((await old.result()).thread_ts).toBe(first.ts);
    });

    it('queue and cancel, and the button of the message itself', async () => {
      engine.held = true;
      const watched = watcher(slack, alice);
      await analogy(slack, alice);
      const running = await watched.running();
      const queue = await slack.slash(alice, '/analogy', 'queue').reply(0, long);
      expect(textIn(queue)).toMatch(/1 to draw, 2 to look into/);
      const other = await press(slack, bob, running, 'cancel').reply(0, long);
      expect(textIn(other)).toContain('JOB_NOT_YOURS');
      const cancelled = await slack.slash(alice, '/analogy', 'cancel').reply(0, long);
      expect(textIn(cancelled)).toBe('Cancelled.');
      await slack.until(() => textIn(now(running)) === 'Cancelled.', 'The end', long);
      const second = watcher(slack, alice);
      await analogy(slack, alice);
      const next = await second.running();
      // An admin may, too.
      await press(slack, admin, next, 'cancel').acked(long);
      await slack.until(() => !isRunning(now(next)), 'The end', long);
      expect(textIn(now(next))).toBe('Cancelled.');
      engine.held = false;
    });

    it('forget: what was posted goes, nothing is kept, and old actions say so', async () => {
      const posted = slack.messages().filter((one) => isResult(one) && one.thread_ts === undefined);
      const question = await slack.slash(alice, '/analogy', 'forget').reply(0, long);
      const asked = watcher(slack, alice);
      press(slack, alice, question, 'forgetyes');
      await slack.until(
        () => slack.ephemerals(alice).some((one) => /Forgotten: /.test(textIn(one))),
        'The word',
        long,
      );
      expect(asked.fresh()).toEqual([]);
      await slack.until(() => !slack.message(first.channel, first.ts), 'The posts to go', long);
      await slack.until(
        () => posted.every(({ channel, ts }) => !slack.message(channel, ts)),
        'All posts to go',
        long,
      );
      await stage.restart();
      const kept = () =>
        readdirSync(folder)
          .map((name) => readFileSync(join(folder, name), 'latin1'))
          .join();
      // What the stop came before is done after the start.
      await slack.until(() => !kept().includes(alice.id), 'The records to go', long);
      expect(kept()).toContain(bob.id);
      const old = await press(slack, bob, now(shownToBob), 'stronger').reply(0, long);
      expect(textIn(old)).toContain('JOB_UNKNOWN');
      expect(slack.thread(first).filter(({ user }) => user !== undefined).length).toBeGreaterThan(
        0,
      );
    });
  },
);

/** The id of the picture that it shows. */
function fileIn(message: Message): string {
  const { id = '' } = (imagesIn(message)[0]?.slack_file ?? {}) as { id?: string };
  return id;
}

function elementKinds({ blocks = [] }: Message): unknown[] {
  return blocks.flatMap(({ elements = [] }) =>
    (elements as { type: string }[]).map(({ type }) => type),
  );
}
