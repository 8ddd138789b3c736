import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDiscordBot } from '../../../../src/bots/discord/index.ts';
import { openStage, type Stage } from '../discord-platform.ts';
import {
  analogy,
  buttonFor,
  eventually,
  isResult,
  long,
  resultOf,
  runningOf,
  textIn,
} from '../members.ts';
import { steppedEngine } from '../stepped-engine.ts';
import type { Discord, Failure, Person } from '../twin/shapes.ts';

/** What goes wrong on the way to Discord and there. */
const failures: readonly (readonly [string, Omit<Failure, 'path'>])[] = [
  ['too many requests', { status: 429, retryAfter: 0.2 }],
  ['a fault of Discord', { status: 502 }],
  ['a dropped connection', { status: 0, drop: true }],
  ['a fault after it was done', { status: 502, afterwards: true }],
  ['a lost answer', { status: 0, drop: true, afterwards: true }],
];
const defer = /^\/interactions\/\d+\/[^/]+\/callback$/;
const edit = /^\/webhooks\/\d+\/[^/]+\/messages\/@original$/;

describe('the Discord bot, where Discord fails', () => {
  const engine = steppedEngine();
  let stage: Stage;
  let discord: Discord;
  let alice: Person;

  beforeAll(async () => {
    stage = await openStage({ engine });
    discord = stage.discord;
    ({ alice } = discord.users);
  });
  beforeEach(() => {
    engine.held = false;
    stage.logged.length = 0;
  });
  afterAll(async () => {
    const wrong = discord.violations();
    await stage.close();
    expect(wrong).toEqual([]);
  });

  const postsAfter = (asked: number) =>
    discord.requests
      .slice(asked)
      .filter(({ method, path }) => method === 'POST' && /^\/channels\/\d+\/messages$/.test(path));
  const count = () => discord.messages().length;

  it.each(failures)('%s, on the first answer: one result is shown', async (_, failure) => {
    const before = count();
    discord.fail({ ...failure, path: defer });
    const act = analogy(discord, alice);
    await resultOf(act);
    expect(act.replies()).toHaveLength(1);
    expect(count()).toBe(before + 1);
    expect(stage.logged).toEqual([]);
  });

  it.each(failures)('%s, on a dialog: it opens', async (_, failure) => {
    const result = await resultOf(analogy(discord, alice));
    discord.fail({ ...failure, path: defer });
    const act = discord.press(alice, result, buttonFor(result, 'name'));
    expect((await act.answered(long)).type).toBe(9);
    await eventually(() => {
      const asked = discord.requests.filter(({ path }) => path.includes(act.id));
      return asked.length === 2;
    });
    expect(stage.logged).toEqual([]);
  });

  it.each(failures)('%s, on progress and on the end: one result is shown', async (_, failure) => {
    const before = count();
    engine.held = true;
    const act = analogy(discord, alice);
    await act.answered(long);
    discord.fail({ ...failure, path: edit });
    await runningOf(act);
    discord.fail({ ...failure, path: edit, times: 2 });
    engine.held = false;
    await resultOf(act);
    expect(act.replies()).toHaveLength(1);
    expect(count()).toBe(before + 1);
  });

  it.each(failures)('%s, where a fresh message is due: it is posted once', async (_, failure) => {
    engine.held = true;
    const act = analogy(discord, alice);
    const running = await runningOf(act);
    const [before, asked] = [count(), discord.requests.length];
    discord.expire(act.token);
    discord.fail({ method: 'PATCH', path: /^\/channels\//, status: 400, code: 30046, times: 9 });
    discord.fail({ ...failure, method: 'POST', path: /^\/channels\/\d+\/messages$/ });
    engine.held = false;
    const fresh = await eventually(() => discord.messages().slice(before).find(isResult));
    // The one that failed, and the one after it.
    await eventually(() => postsAfter(asked).length === 2 && postsAfter(asked)[1]?.status === 200);
    expect(postsAfter(asked)[1]?.body).toMatchObject({
      message_reference: { message_id: running.id },
    });
    expect(discord.messages().slice(before)).toHaveLength(1);
    discord.deleteMessage(running);
    // Its buttons work.
    await resultOf(discord.press(alice, fresh, buttonFor(fresh, 'weaker')));
  });

  it('a first answer that comes too late: nothing is done', async () => {
    const asked = engine.requests.length;
    const before = count();
    discord.fail({ path: defer, status: 404, code: 10062 });
    const act = analogy(discord, alice);
    await eventually(() => stage.logged.length === 1);
    expect(stage.logged[0]?.[0]).toBe('an interaction came too late to be answered');
    expect(act.replies()).toEqual([]);
    expect([engine.requests.length, count()]).toEqual([asked, before]);
  });

  it('an answer that is there already is not given again', async () => {
    const asked = engine.requests.length;
    discord.fail({ path: defer, status: 400, code: 40060 });
    analogy(discord, alice);
    await eventually(() => stage.logged.length === 1);
    expect(engine.requests.length).toBe(asked);
  });

  it('files that are too large for the place are left out, and it is said', async () => {
    engine.held = true;
    const act = analogy(discord, alice);
    await runningOf(act);
    discord.fail({ path: edit, status: 413, code: 40005, times: 22 });
    engine.held = false;
    const result = await resultOf(act);
    expect(result.attachments).toEqual([]);
    expect(textIn(result)).toContain('A picture is too large to be shown here.');
  });

  it('the gateway goes: jobs are told all the same, and it comes back', async () => {
    engine.held = true;
    const act = analogy(discord, alice);
    await runningOf(act);
    discord.disconnect();
    await eventually(() => !discord.connected());
    engine.held = false;
    await resultOf(act);
    await eventually(() => discord.connected());
    await resultOf(analogy(discord, alice));
  });

  it('a connection that Discord ends for good is said plainly, and comes back by a start', async () => {
    discord.disconnect(4014);
    const [, details] = await eventually(() =>
      stage.logged.find(([message]) => /ended a connection for good: start the bot/.test(message)),
    );
    expect(details).toEqual({ code: 4014, reason: 'DisallowedIntents', shard: 0 });
    expect(discord.connected()).toBe(false);
    await stage.restart();
    await resultOf(analogy(discord, alice));
    const isFatal = ([message]: readonly [string, unknown]) => /for good/.test(message);
    expect(stage.logged.filter(isFatal)).toHaveLength(1);
  });

  it('names are none where the engine does not answer soon', async () => {
    const { findAnalogies, jobs } = engine;
    const never = () => new Promise<never>(() => {});
    Object.assign(engine, { findAnalogies: never, jobs: never });
    const typed = ['analogy', 'job'].map((option) =>
      discord.autocomplete(alice, 'apply', { option, value: 'a' }),
    );
    for (const act of typed) expect((await act.answered(long)).data.choices).toEqual([]);
    Object.assign(engine, { findAnalogies, jobs });
  });

  it('says at the start what is wrong with the token, or the way', async () => {
    const bot = (more: object) =>
      createDiscordBot({
        commands: stage.commands,
        log: () => {},
        token: discord.token,
        store: ':memory:',
        api: discord.restUrl,
        attachmentHosts: [],
        megabytes: 1,
        ...more,
      });
    const wrong = bot({ token: 'twin-token.but.wrong' });
    await expect(wrong.start()).rejects.toMatchObject({ code: 'DISCORD_TOKEN_WRONG' });
    await wrong.stop();
    const away = bot({ api: 'http://127.0.0.1:9/api' });
    await expect(away.start()).rejects.toMatchObject({ code: 'DISCORD_UNREACHABLE' });
    await away.stop();
    discord.fail({ path: /^\/gateway\/bot$/, status: 500, times: 9 });
    const closed = bot({});
    await expect(closed.start()).rejects.toMatchObject({ code: 'DISCORD_UNREACHABLE' });
    await closed.stop();
  });
});
