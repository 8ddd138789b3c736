import { describe, expect, it } from 'vitest';
import { createPost } from '../../../src/bots/discord/post.ts';
import { type AnswerRecord, entryOf, openAnswers } from '../../../src/bots/discord/store.ts';
import { notedWire, record } from './wires.ts';

const whys: unknown[] = [];
const message = async (why?: string) => {
  whys.push(why);
  return { components: [], files: [] };
};

function open(more: Partial<AnswerRecord> = {}) {
  let time = 0;
  const answers = openAnswers(':memory:');
  const entry = entryOf(answers, { ...record, job: 'j1', ...more });
  const noted = notedWire();
  const post = createPost({ wire: noted.wire, entry, now: () => time });
  return { ...noted, post, entry, answers, at: (now: number) => (time = now) };
}

describe('post', () => {
  it('edits by the interaction, and remembers where the message is', async () => {
    const { post, asked, answers } = open();
    expect(await post.show(message, false)).toBe('shown');
    expect(asked).toEqual(['editOriginal']);
    expect(answers.byMessage('m')).toMatchObject({ job: 'j1', channel: 'c' });
  });

  it('goes on by the bot’s own token once the interaction is over', async () => {
    const { post, asked, at } = open({ message: 'm' });
    at(1001);
    expect(await post.show(message, false)).toBe('shown');
    expect(asked).toEqual(['edit c/m']);
  });

  it('does so too where Discord says earlier that it is over', async () => {
    const { post, asked, refuse } = open({ message: 'm' });
    refuse('editOriginal', 50027);
    await post.show(message, false);
    await post.show(message, false);
    expect(asked).toEqual(['editOriginal', 'edit c/m', 'edit c/m']);
  });

  it('posts anew under a message that is too old to be edited, but only what is last', async () => {
    const { post, asked, at, refuse, entry } = open({ message: 'm' });
    at(1001);
    refuse('edit', 30046, 30046);
    expect(await post.show(message, false)).toBe('shown');
    expect(await post.show(message, true)).toBe('shown');
    expect(asked).toEqual(['edit c/m', 'edit c/m', 'post c under m']);
    expect(entry.record.message).toBe('fresh');
  });

  it('sends what only one may see directly, and only what is last', async () => {
    const { post, asked, at } = open({ message: 'm', private: true });
    at(1001);
    await post.show(message, false);
    expect(asked).toEqual([]);
    expect(await post.show(message, true)).toBe('shown');
    expect(asked).toEqual(['direct u1', 'post dm']);
    expect(whys.at(-1)).toBe('private');
  });

  it('does so too where the channel is closed to the bot', async () => {
    const { post, asked, at, refuse, entry } = open({ message: 'm' });
    at(1001);
    refuse('edit', 50001);
    await post.show(message, true);
    expect(asked).toEqual(['edit c/m', 'direct u1', 'post dm']);
    expect(whys.at(-1)).toBe('closed');
    expect(entry.record).toMatchObject({ channel: 'dm', guild: undefined });
  });

  it('says where nobody can be reached', async () => {
    const { post, at, refuse } = open({ private: true });
    at(1001);
    refuse('post', 50007);
    expect(await post.show(message, true)).toBe('unreachable');
  });

  it.each([
    ['editOriginal', 0],
    ['edit', 1001],
  ] as const)('says that the message was deleted (%s)', async (way, time) => {
    const { post, at, refuse } = open({ message: 'm' });
    at(time);
    refuse(way, 10008);
    expect(await post.show(message, true)).toBe('deleted');
  });

  it('says so too where its channel is gone', async () => {
    const { post, asked, refuse } = open({ message: 'm' });
    refuse('editOriginal', 10003);
    expect(await post.show(message, true)).toBe('deleted');
    expect(asked).toEqual(['editOriginal']);
  });

  it('throws what it does not understand', async () => {
    const { post, refuse } = open();
    refuse('editOriginal', 50035);
    await expect(post.show(message, true)).rejects.toThrow('refused by 50035');
  });

  it('removes by either way, and does not mind what is gone', async () => {
    const { post, asked, at, refuse } = open({ message: 'm' });
    await post.remove();
    at(1001);
    refuse('delete', 10008);
    await post.remove();
    expect(asked).toEqual(['deleteOriginal', 'delete c/m']);
  });
});
