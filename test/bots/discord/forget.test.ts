import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../src/bots/discord/desk.ts';
import { forgetPosts, resumeForgetting } from '../../../src/bots/discord/forget.ts';
import { type AnswerRecord, openAnswers } from '../../../src/bots/discord/store.ts';
import type { Context } from '../../../src/commands/port.ts';
import { notedWire, record } from './wires.ts';

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
  const forget = () => forgetPosts(desk(ending.signal), { tenant, user: record.user } as Context);
  return {
    ...noted,
    logged,
    forget,
    ending,
    doom: () => answers.doom(tenant, record.user),
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
