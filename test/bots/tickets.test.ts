import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/bots/files.ts';
import { createTickets } from '../../src/bots/tickets.ts';
import type { LazyFile } from '../../src/commands/port.ts';

const wishes = { private: undefined, spoiler: true };
const signal = new AbortController().signal;

describe('tickets', () => {
  it('reads files at once, and gives them back once, to their owner alone', async () => {
    let reads = 0;
    const file: LazyFile = {
      name: 'a.png',
      fetch: async () => Buffer.from(`read ${++reads}`),
    };
    const tickets = createTickets();
    const id = tickets.keep({ user: 'u1', input: { picture: file, text: 'words' }, ...wishes });
    expect(reads).toBe(1);
    expect(tickets.take(id, 'u2')).toBeUndefined();
    const ticket = tickets.take(id, 'u1');
    expect(ticket).toMatchObject({ input: { text: 'words' }, spoiler: true });
    const bytes = await bytesOf(ticket?.input.picture as LazyFile, signal);
    expect(Buffer.from(bytes).toString()).toBe('read 1');
    expect(tickets.take(id, 'u1')).toBeUndefined();
  });

  it('says why a file could not be read when it is asked for', async () => {
    const tickets = createTickets();
    const file: LazyFile = { name: 'a.png', fetch: async () => Promise.reject(new Error('gone')) };
    const id = tickets.keep({ user: 'u1', input: { picture: file }, ...wishes });
    const ticket = tickets.take(id, 'u1');
    await expect(bytesOf(ticket?.input.picture as LazyFile, signal)).rejects.toThrow('gone');
  });

  it('keeps three of a user, for a quarter of an hour', () => {
    let now = 0;
    const tickets = createTickets(() => now);
    const keep = (user: string) => tickets.keep({ user, input: {}, ...wishes });
    const [first = '', second = ''] = [keep('u1'), keep('u1'), keep('u1'), keep('u1')];
    const other = keep('u2');
    expect(tickets.take(first, 'u1')).toBeUndefined();
    expect(tickets.take(second, 'u1')).toBeDefined();
    now = 16 * 60_000;
    expect(tickets.take(other, 'u2')).toBeUndefined();
  });
});
