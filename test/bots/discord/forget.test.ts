import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../src/bots/discord/desk.ts';
import { forgetPosts } from '../../../src/bots/discord/forget.ts';
import { type AnswerRecord, openAnswers } from '../../../src/bots/discord/store.ts';
import type { Context } from '../../../src/commands/port.ts';
import { notedWire, record } from './wires.ts';

/** What is asked, and what comes of it, for one result of a user. */
function stage(more: Partial<AnswerRecord> = {}, time = 0) {
  const answers = openAnswers(':memory:', () => time);
  answers.put({ ...record, job: 'j1', message: 'm', told: true, ...more });
  const logged: string[] = [];
  const noted = notedWire();
  const log = (_: unknown, message: string) => void logged.push(message);
  const desk = { answers, wire: noted.wire, now: () => time, log } as unknown as Desk;
  const tenant = more.tenant ?? record.tenant;
  const forget = () => forgetPosts(desk, { tenant, user: record.user } as Context);
  return { ...noted, logged, forget };
}
const guest = { tenant: 'discord:uu1' };

describe('what was posted for whoever is forgotten', () => {
  it('is deleted by its interaction as long as it can be, then by the bot', async () => {
    const fresh = stage();
    expect(await fresh.forget()).toBe(0);
    expect(fresh.asked).toEqual(['deleteOriginal']);
    const early = stage();
    early.refuse('deleteOriginal', 50027);
    expect(await early.forget()).toBe(0);
    expect(early.asked).toEqual(['deleteOriginal', 'delete c/m']);
    const old = stage({}, 1001);
    expect(await old.forget()).toBe(0);
    expect(old.asked).toEqual(['delete c/m']);
  });

  it.each([
    ['is gone', 10008, record, 0],
    ['is gone with its channel', 10003, record, 0],
    ['is out of reach', 50001, guest, 1],
    ['is in a channel that it cannot know', 10003, guest, 1],
  ])('is counted where it is left: one that %s', async (_, code, more, left) => {
    const { forget, refuse, logged } = stage(more, 1001);
    refuse('delete', code);
    expect(await forget()).toBe(left);
    expect(logged).toEqual([]);
  });

  it('is told in the log where Discord fails otherwise', async () => {
    const { forget, refuse, logged } = stage({}, 1001);
    refuse('delete', 50035);
    expect(await forget()).toBe(0);
    expect(logged).toEqual(['a forgotten result is still posted']);
  });
});
