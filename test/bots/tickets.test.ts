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

  it('holds no more than 64 MB of a user and 256 MB in all, by the stated sizes', async () => {
    const tickets = createTickets();
    const read: string[] = [];
    const keep = (user: string, name: string, size?: number) => {
      const file = (part: string): LazyFile => ({
        name: `${name}${part}`,
        ...(size !== undefined && { size }),
        fetch: async () => {
          read.push(`${name}${part}`);
          return new Uint8Array(1);
        },
      });
      const input = { a: file('a'), b: file('b'), c: file('c') };
      return tickets.keep({ user, input, ...wishes });
    };
    const first = keep('u1', '1', 25e6);
    expect(read.splice(0)).toEqual(['1a', '1b']);
    // What was not held is read when it is needed.
    const c = tickets.take(first, 'u1')?.input.c as LazyFile;
    await bytesOf(c, signal);
    expect(read.splice(0)).toEqual(['1c']);
    // They went with it; and who does not say a size has no more room for it.
    keep('u1', '2');
    expect(read.splice(0)).toEqual(['2a', '2b']);
    for (const user of ['u2', 'u3', 'u4', 'u5']) keep(user, user, 20e6);
    expect(read).toEqual(
      ['u2', 'u3', 'u4'].flatMap((u) => [`${u}a`, `${u}b`, `${u}c`]).concat('u5a'),
    );
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
