import type { MessageComponentInteraction } from 'discord.js';
import { describe, expect, it, vi } from 'vitest';
import type { Desk } from '../../../src/bots/discord/desk.ts';
import { forgetPosts, resumeForgetting } from '../../../src/bots/discord/forget.ts';
import { press } from '../../../src/bots/discord/presses.ts';
import { type AnswerRecord, openAnswers } from '../../../src/bots/discord/store.ts';
import { notedWire, record, refusal } from './wires.ts';

/** What is asked, and what comes of it, for results of a user. */
function stage(more: Partial<AnswerRecord> = {}, { time = 0, names = ['m'] } = {}) {
  const answers = openAnswers(':memory:', () => time);
  for (const message of names) {
    answers.put({ ...record, interaction: message, job: 'j1', message, told: true, ...more });
  }
  const logged: string[] = [];
  const noted = notedWire();
  const log = (_: unknown, message: string) => void logged.push(message);
  const ending = new AbortController();
  const desk = (signal: AbortSignal) =>
    ({ answers, wire: noted.wire, now: () => time, log, signal }) as unknown as Desk;
  const tenant = more.tenant ?? record.tenant;
  const doom = () => answers.doom(tenant, record.user);
  /** @returns how many are said to be left */
  const forget = async (say = async () => {}) => {
    let left = 0;
    await forgetPosts(desk(ending.signal), doom(), async (count) => {
      left = count;
      await say();
    });
    return left;
  };
  return {
    ...noted,
    logged,
    forget,
    ending,
    doom,
    answers,
    desk,
    /** As the next start does. */
    resume: () => resumeForgetting(desk(new AbortController().signal)),
    doomed: () => answers.doomed().map(({ message }) => message),
  };
}
const guest = { tenant: 'discord:uu1' };
const late = { time: 1001 };

describe('what was posted for whoever is forgotten', () => {
  it('is deleted by its interaction as long as it can be, then by the bot', async () => {
    const fresh = stage();
    expect(await fresh.forget()).toBe(0);
    expect(fresh.asked).toEqual(['deleteOriginal']);
    const early = stage();
    early.refuse('deleteOriginal', 50027);
    expect(await early.forget()).toBe(0);
    expect(early.asked).toEqual(['deleteOriginal', 'delete c/m']);
    const old = stage({}, late);
    expect(await old.forget()).toBe(0);
    expect(old.asked).toEqual(['delete c/m']);
  });

  it.each([
    ['is gone', 10008, record, 0],
    ['is gone with its channel', 10003, record, 0],
    ['is closed to the bot', 50001, record, 1],
    ['is out of reach', 50001, guest, 1],
    ['is in a channel that it cannot know', 10003, guest, 1],
  ])('is counted where it is left for good: one that %s', async (_, code, more, left) => {
    const { forget, refuse, logged, doomed } = stage(more, late);
    refuse('delete', code);
    expect(await forget()).toBe(left);
    expect(doomed()).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('is told in the log where Discord fails otherwise, and goes after the next start', async () => {
    const { asked, forget, refuse, resume, logged, doomed } = stage(
      {},
      {
        ...late,
        names: ['m1', 'm2'],
      },
    );
    refuse('delete', 50035);
    expect(await forget()).toBe(0);
    expect(asked).toEqual(['delete c/m1', 'delete c/m2']);
    expect(doomed()).toEqual(['m1']);
    expect(logged).toEqual(['a forgotten result is still posted']);
    await resume();
    expect(asked.slice(2)).toEqual(['delete c/m1']);
    expect(doomed()).toEqual([]);
  });

  it('goes after the next start where a stop came between, by the interaction if it can', async () => {
    const { asked, wire, forget, resume, ending, doomed } = stage({}, { names: ['m1', 'm2'] });
    const { deleteOriginal } = wire;
    wire.deleteOriginal = async (token) => {
      await deleteOriginal(token);
      ending.abort();
    };
    await forget();
    expect(asked).toEqual(['deleteOriginal']);
    expect(doomed()).toEqual(['m2']);
    await resume();
    expect(asked.slice(1)).toEqual(['deleteOriginal']);
    expect(doomed()).toEqual([]);
  });

  it('is given up where it is out of reach at the next start, and whoever it was for told', async () => {
    const { asked, refuse, resume, doom, doomed, logged } = stage(guest, {
      ...late,
      names: ['m1', 'm2', 'm3'],
    });
    doom();
    refuse('delete', 50001, 10008, 50001);
    await resume();
    expect(asked.slice(3)).toEqual(['direct u1', 'post dm']);
    expect(doomed()).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('stays known until whoever it was for was told that it is out of reach', async () => {
    const { asked, forget, refuse, resume, doomed, logged } = stage(guest, late);
    refuse('delete', 50001, 50001, 50001);
    const left = await forget(async () => {
      throw new Error('the connection broke');
    });
    expect([left, doomed()]).toEqual([1, ['m']]);
    refuse('post', 50035);
    await resume();
    expect(doomed()).toEqual(['m']);
    await resume();
    expect(asked.filter((line) => line === 'post dm')).toHaveLength(2);
    expect(doomed()).toEqual([]);
    const notYet = 'nobody was told yet of results that stay posted';
    expect(logged).toEqual([notYet, notYet]);
  });

  it('is told of after the next start where the bot stops before that', async () => {
    const { asked, wire, forget, refuse, resume, ending, doomed } = stage(guest, late);
    const { delete: refused } = wire;
    wire.delete = (place) => {
      ending.abort();
      return refused(place);
    };
    refuse('delete', 50001, 50001);
    expect([await forget(), doomed()]).toEqual([0, ['m']]);
    await resume();
    expect(asked.slice(1)).toEqual(['delete c/m', 'direct u1', 'post dm']);
    expect(doomed()).toEqual([]);
  });

  it('goes with what was posted for it meanwhile, also once its owner was told of the rest', async () => {
    const { asked, answers, forget, refuse, doomed } = stage(guest, late);
    const noted = { ...record, ...guest, interaction: 'm', channel: 'dm', message: 'm2' };
    refuse('delete', 50001);
    const left = await forget(async () => answers.put(noted));
    expect(left).toBe(1);
    expect(asked).toEqual(['delete c/m', 'delete dm/m2']);
    answers.put({ ...noted, told: true });
    expect([doomed(), answers.open(), answers.byMessage('m2')]).toEqual([[], [], undefined]);
  });

  it('is told of in the log where they take no direct messages', async () => {
    const { refuse, resume, doom, doomed, logged } = stage(guest, late);
    doom();
    refuse('delete', 50001);
    refuse('direct', 50007);
    await resume();
    expect(doomed()).toEqual([]);
    expect(logged).toEqual(['nobody was told of results that stay posted']);
  });

  it('is left to whoever sees it, where that is nobody else', async () => {
    const { asked, forget, doomed } = stage({ private: true });
    expect(await forget()).toBe(0);
    expect(asked).toEqual([]);
    expect(doomed()).toEqual([]);
  });
});

describe('what was posted for whoever presses that all be forgotten, and cannot be told that it is', () => {
  const question = {
    id: 'press',
    token: 'press-token',
    customId: 'forgetyes~mark',
    channelId: 'c',
    guildId: '1',
    authorizingIntegrationOwners: { 0: '1' },
    locale: 'en-US',
    user: { id: record.user },
    message: { id: 'q', flags: { has: () => true } },
    isStringSelectMenu: () => false,
  } as unknown as MessageComponentInteraction;

  /** @param onForgotten called once the engine has */
  function pressing(onForgotten = () => {}) {
    const all = stage({}, late);
    const refuse = async () => {
      throw refusal(50035);
    };
    Object.assign(all.wire, { editOriginal: refuse, post: refuse });
    const commands = {
      asks: () => [],
      isPrivate: async () => true,
      async *press() {
        onForgotten();
        yield { kind: 'text', lines: ['Forgotten'], files: [], buttons: [], private: true };
      },
    };
    const desk = { ...all.desk(all.ending.signal), commands, pace: 1 } as unknown as Desk;
    return { ...all, press: () => press(desk, question) };
  }

  it('goes all the same, while that is tried again', async () => {
    const all = pressing();
    const over = all.press();
    await vi.waitFor(() => expect(all.answers.byMessage('m')).toBeUndefined());
    await vi.waitFor(() => expect(all.doomed()).toEqual([]));
    all.ending.abort();
    await over;
    expect(all.asked).toEqual(['delete c/m', 'deferUpdate']);
    expect(new Set(all.logged)).toEqual(new Set(['an answer could not be shown']));
  });

  it('goes after the next start where the bot stopped before', async () => {
    const all = pressing(() => all.ending.abort());
    await all.press();
    expect(all.asked).toEqual(['deferUpdate']);
    expect(all.doomed()).toEqual(['m']);
    await all.resume();
    expect(all.asked).toEqual(['deferUpdate', 'delete c/m']);
    expect(all.doomed()).toEqual([]);
  });
});
