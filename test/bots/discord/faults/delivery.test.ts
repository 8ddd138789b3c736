import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIMessage } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, type Stage, type StageOptions } from '../discord-platform.ts';
import {
  analogy,
  buttonFor,
  buttonsIn,
  eventually,
  galleryIn,
  isEphemeral,
  isResult,
  overOf,
  picture,
  resultOf,
  runningOf,
  textIn,
} from '../members.ts';
import { steppedEngine } from '../stepped-engine.ts';
import type { Act, Discord, Person } from '../twin/shapes.ts';

const minutes = 60_000;

/** How an answer reaches whoever asked, where the usual way is closed. */
describe('the Discord bot delivers', () => {
  let engine: ReturnType<typeof steppedEngine>;
  let stage: Stage;
  let discord: Discord;
  let alice: Person;
  let bob: Person;

  const open = async (more: Partial<StageOptions> = {}) => {
    engine = steppedEngine();
    stage = await openStage({ engine, ...more });
    discord = stage.discord;
    ({ alice, bob } = discord.users);
  };
  beforeEach(() => open());
  afterEach(async () => {
    const wrong = discord.violations();
    await stage.close();
    expect(wrong).toEqual([]);
  });

  /** A job that waits, and is told of. */
  const held = async (options = {}, place = {}): Promise<Act> => {
    engine.held = true;
    const act = analogy(discord, alice, options, place);
    await runningOf(act);
    return act;
  };
  const ended = async (act: Act) => {
    await stage.viewsOf(act.id);
    // What comes last is shown after the last view, if it is.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  };
  const logs = () => stage.logged.map(([message]) => message);

  it.each([
    ['the token is over by the clock', () => stage.later(15 * minutes)],
    ['Discord alone thinks so', (act: Act) => discord.expire(act.token)],
  ])('after 15 minutes by its own token, where %s', async (_, pass) => {
    const act = await held();
    pass(act);
    engine.held = false;
    const result = await resultOf(act);
    const { method, path } = discord.requests.at(-1) ?? {};
    expect([method, path]).toEqual([
      'PATCH',
      `/channels/${result.channel_id}/messages/${result.id}`,
    ]);
    expect(galleryIn(result)).toHaveLength(1);
    expect(discord.messages()).toHaveLength(1);
    expect(logs()).toEqual([]);
  });

  it('after a restart that took longer than the token', async () => {
    await stage.close();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
    await open({ store: `${folder}/discord.sqlite` });
    const act = await held();
    await stage.restart();
    stage.later(16 * minutes);
    engine.held = false;
    await resultOf(act);
    expect(discord.messages()).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it('a restart before the pictures were read: says that it is to be asked for again', async () => {
    await stage.close();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
    await open({ store: `${folder}/discord.sqlite` });
    const reading = Promise.withResolvers<void>();
    engine.putPicture = async (_, __, signal) => {
      reading.resolve();
      return new Promise((___, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const act = analogy(discord, alice);
    await reading.promise;
    await stage.restart();
    expect(textIn(await overOf(act))).toMatch(/started anew before I had read all/);
    expect(engine.requests).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('a restart after it: a picked cell, a step back and a refusal stay as they are', async () => {
    await stage.close();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
    await open({ store: `${folder}/discord.sqlite` });
    const grid = await resultOf(analogy(discord, alice));
    const press = (message: APIMessage, action: string) =>
      discord.press(alice, message, buttonFor(message, action));
    const picked = await resultOf(press(grid, 'pick'));
    const back = await resultOf(press(picked, 'back'));
    const refusal = await overOf(discord.slash(alice, 'show', { job: 'unknown' }));
    expect(textIn(refusal)).toContain('JOB_UNKNOWN');
    const before = [picked, back, refusal].map(({ id }) => discord.message(id)?.components);
    // What came last is noted right after it was shown.
    await stage.restart();
    await resultOf(analogy(discord, bob));
    const kept = [picked, back, refusal].map(({ id }) => discord.message(id)?.components);
    expect(kept).toEqual(before);
    // It is known which result it refines.
    expect(textIn(await resultOf(press(picked, 'stronger')))).toContain(picked.id);
    rmSync(folder, { recursive: true });
  });

  it('what was forgotten where it is no member: gone for 15 minutes, then said to be left', async () => {
    const place = { userInstalled: true };
    const forget = async () => {
      const question = await overOf(discord.slash(alice, 'forget-me', {}, place));
      const yes = discord.press(alice, question, buttonFor(question, 'forgetyes'), place);
      await yes.until((message) => /Forgotten: /.test(textIn(message)), 50_000);
      return yes;
    };
    const fresh = await resultOf(analogy(discord, alice, {}, place));
    const first = await forget();
    await eventually(() => discord.message(fresh.id) === undefined);
    const old = await resultOf(analogy(discord, alice, {}, place));
    stage.later(15 * minutes);
    const said = await (await forget()).followUp(0, 50_000);
    expect(textIn(said)).toMatch(/^Still posted: 1 of your results/);
    expect(isEphemeral(said)).toBe(true);
    expect(discord.message(old.id)).toBeDefined();
    expect(first.replies()).toHaveLength(1);
    expect(logs()).toEqual([]);
  });

  it('nothing of what was forgotten under way, and keeps nothing of it', async () => {
    const act = await held();
    const question = await overOf(discord.slash(alice, 'forget-me'));
    const yes = discord.press(alice, question, buttonFor(question, 'forgetyes'));
    await yes.until((message) => /Forgotten: /.test(textIn(message)), 50_000);
    engine.held = false;
    await ended(act);
    expect(discord.messages().flatMap(galleryIn)).toEqual([]);
    expect(act.replies().flatMap(buttonsIn)).toEqual([]);
  });

  it('a private result: said in time, then sent directly; its buttons work there', async () => {
    const act = await held({ private: true });
    expect(isEphemeral(await runningOf(act))).toBe(true);
    // The job waits on: nothing else happens that would be told.
    stage.later(13.6 * minutes);
    await act.until((message) => /comes as a direct message/.test(textIn(message)), 50_000);
    stage.later(15 * minutes);
    engine.held = false;
    const direct = await eventually(() => discord.dms(alice).find(isResult));
    expect(textIn(direct)).toContain('The result of your private request:');
    expect(discord.messages()).toEqual([]);
    const menu = discord.messageCommand(alice, 'Apply this analogy', direct);
    const { data } = await menu.answered(50_000);
    const files = { picture: [picture('c')] };
    const applied = discord.submit(alice, String(data.custom_id), {}, files, { dm: true });
    expect(textIn(await resultOf(applied))).toContain(direct.id);
    const pressed = discord.press(alice, direct, buttonFor(direct, 'stronger'), { dm: true });
    expect(textIn(await resultOf(pressed))).toContain(
      `https://discord.com/channels/@me/${direct.channel_id}/${direct.id}`,
    );
    discord.press(alice, direct, buttonFor(direct, 'd.remove'), { dm: true });
    await eventually(() => !discord.dms(alice).some(({ id }) => id === direct.id));
    expect(logs()).toEqual([]);
  });

  it('a private result whose owner takes no direct messages: one line in the log', async () => {
    const act = await held({ private: true });
    discord.refuseDms(alice);
    stage.later(15 * minutes);
    engine.held = false;
    await ended(act);
    expect(stage.logged).toMatchObject([['an answer was not shown', { shown: 'unreachable' }]]);
    // It can be looked at again.
    const again = await resultOf(discord.slash(alice, 'show', { private: true }));
    expect(isEphemeral(again)).toBe(true);
  });

  it('a channel that is closed to it: directly, and says why', async () => {
    const act = await held();
    stage.later(15 * minutes);
    discord.fail({ method: 'PATCH', path: /^\/channels\//, status: 403, code: 50001, times: 9 });
    engine.held = false;
    const direct = await eventually(() => discord.dms(alice).find(isResult));
    expect(textIn(direct)).toContain('I may not write in the channel where you asked');
    expect(act.reply()).toBeDefined();
  });

  it.each([
    ['within the 15 minutes', 0],
    ['after them', 15 * minutes],
  ])('nothing where its message was deleted, %s', async (_, time) => {
    const act = await held();
    discord.deleteMessage(await runningOf(act));
    stage.later(time);
    engine.held = false;
    await ended(act);
    expect(logs().length).toBeLessThanOrEqual(1);
    expect([discord.messages(), discord.dms(alice)]).toEqual([[], []]);
    await resultOf(analogy(discord, bob));
  });

  it('for whoever added it for themselves, where it is no member', async () => {
    const place = { userInstalled: true };
    const result = await resultOf(analogy(discord, alice, {}, place));
    const refined = discord.press(alice, result, buttonFor(result, 'stronger'), place);
    const [, guild] = /channels\/(@me|\d+)\//.exec(textIn(await resultOf(refined))) ?? [];
    expect(guild).toMatch(/^\d+$/);
    expect(guild).not.toBe(discord.guildId);
    const act = await held({}, place);
    stage.later(15 * minutes);
    engine.held = false;
    const direct = await eventually(() => discord.dms(alice).find(isResult));
    // What they made is theirs: they find it there, too.
    await resultOf(discord.press(alice, direct, buttonFor(direct, 'weaker'), { dm: true }));
    await stage.viewsOf(act.id);
  });

  it('in direct messages', async () => {
    const place = { dm: true };
    const result = await resultOf(analogy(discord, alice, {}, place));
    await resultOf(discord.press(alice, result, buttonFor(result, 'reverse'), place));
    engine.held = true;
    const act = analogy(discord, alice, {}, place);
    await runningOf(act);
    stage.later(15 * minutes);
    engine.held = false;
    await resultOf(act);
    expect(discord.dms(alice)).toHaveLength(3);
  });

  it('one render a member and message: a later press takes the place of the one before', async () => {
    const result = await resultOf(analogy(discord, alice));
    engine.held = true;
    const press = (user: Person, action: string) =>
      discord.press(user, result, buttonFor(result, action));
    const earlier = press(alice, 'stronger');
    await runningOf(earlier);
    const others = press(bob, 'stronger');
    await runningOf(others);
    const later = press(alice, 'weaker');
    await runningOf(later);
    await eventually(() => earlier.replies().length === 0);
    engine.held = false;
    await Promise.all([resultOf(later), resultOf(others)]);
    expect(discord.messages()).toHaveLength(3);
    expect(logs()).toEqual([]);
  });

  it('progress at its pace, and no faster', async () => {
    await stage.close();
    const pace = 0.4;
    await open({ pace });
    const { follow } = engine;
    engine.follow = async function* (...given) {
      for await (const event of follow(...given)) {
        for (let i = 0; event.kind === 'progress' && event.preview && i < 100; i++) {
          yield { ...event, step: i, steps: 100, fraction: i / 100 };
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
        yield event;
      }
    };
    const act = analogy(discord, alice);
    await resultOf(act);
    const edits = discord.requests.filter(({ method }) => method === 'PATCH').slice(0, -1);
    const [first, last] = [edits[0]?.at ?? 0, edits.at(-1)?.at ?? 0];
    expect(edits.length).toBeGreaterThan(1);
    // Whatever the machine does, there are no more than there are beats in that time.
    expect(edits.length).toBeLessThanOrEqual((last - first) / 1000 / pace + 2);
    expect(buttonsIn(await overOf(act)).length).toBeGreaterThan(5);
  });
});
