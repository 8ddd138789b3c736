import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/index.ts';
import { type Caller, type Library, openLibrary } from '../../../src/engine/library/index.ts';
import { analogyOf } from './analogies.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-library-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ann: Caller = { tenant: 'guild', user: 'ann' };
const bob: Caller = { tenant: 'guild', user: 'bob' };
const limits = { user: 5, tenant: 8 };
const failing = (code: string) => expect.objectContaining({ code });

describe('the library', () => {
  let path: string;
  let library: Library;
  let folders = 0;
  beforeEach(() => {
    path = join(dir, `${folders++}`, 'library.sqlite');
    library = openLibrary(path, limits);
  });
  afterEach(() => library.close());

  const save = (caller: Caller, name: string, id = `id of ${name}`) =>
    library.save(caller, { analogy: id, name }, analogyOf(1));
  const names = (found: readonly { name: string }[]) => found.map(({ name }) => name);

  it('keeps an analogy bit for bit, also for the next process', () => {
    const stored = analogyOf(3, true);
    const named = library.save(
      ann,
      { analogy: 'x1', name: ' With  Glasses ', description: 'a\nb' },
      stored,
    );
    expect(named).toEqual({
      analogy: 'x1',
      name: 'With Glasses',
      description: 'a b',
      owner: 'ann',
      model: stored.model,
      createdAt: stored.createdAt,
    });
    library.close();
    library = openLibrary(path, limits);
    expect(library.get('guild', { name: 'with GLASSES' })).toEqual({ ...named, stored });
    expect(library.get('guild', { analogy: 'x1' })).toEqual({ ...named, stored });
  });

  it('shows a tenant nothing of another', () => {
    save(ann, 'hat');
    const stranger = { tenant: 'other', user: 'ann', moderator: true };
    expect(library.list('other')).toEqual({ analogies: [] });
    expect(library.find('other', 'hat')).toEqual([]);
    for (const which of [{ name: 'hat' }, { analogy: 'id of hat' }]) {
      expect(() => library.get('other', which)).toThrow(failing('ANALOGY_UNKNOWN'));
      expect(() => library.delete(stranger, which)).toThrow(failing('ANALOGY_UNKNOWN'));
      expect(() => library.rename(stranger, which, 'x')).toThrow(failing('ANALOGY_UNKNOWN'));
      expect(() => library.describe(stranger, which, 'x')).toThrow(failing('ANALOGY_UNKNOWN'));
    }
    // Neither its names nor its ids are taken there.
    expect(save(stranger, 'hat').name).toBe('hat');
    expect(library.forget('other', 'ann')).toBe(1);
    expect(library.get('guild', { name: 'hat' }).owner).toBe('ann');
  });

  it('has each name once in a tenant, and each analogy', () => {
    save(ann, 'Straße');
    expect(() => save(bob, 'STRASSE', 'other')).toThrow(failing('ANALOGY_NAME_TAKEN'));
    expect(() => save(bob, 'another', 'id of Straße')).toThrow(
      expect.objectContaining({ code: 'ANALOGY_NAMED', details: { name: 'Straße' } }),
    );
    expect(() => save(bob, '@all')).toThrow(failing('ANALOGY_NAME_INVALID'));
    expect(names(library.list('guild').analogies)).toEqual(['Straße']);
  });

  it('lists by name, page by page, also of one owner', () => {
    for (const name of ['delta', 'Alpha', 'charlie']) save(ann, name);
    for (const name of ['echo', 'Bravo']) save(bob, name);
    const first = library.list('guild', { limit: 2 });
    expect(names(first.analogies)).toEqual(['Alpha', 'Bravo']);
    library.delete(bob, { name: 'bravo' });
    const second = library.list('guild', { limit: 2, after: first.next });
    expect(names(second.analogies)).toEqual(['charlie', 'delta']);
    const third = library.list('guild', { limit: 2, after: second.next });
    expect(third).toEqual({ analogies: [expect.objectContaining({ name: 'echo' })] });
    expect(names(library.list('guild', { owner: 'ann' }).analogies)).toEqual([
      'Alpha',
      'charlie',
      'delta',
    ]);
  });

  it('finds what begins with a text, then what holds it', () => {
    for (const name of ['red hat', 'Hat', 'what', 'hat of straw', 'beard']) save(ann, name);
    expect(names(library.find('guild', 'HA'))).toEqual(['Hat', 'hat of straw', 'red hat', 'what']);
    expect(names(library.find('guild', 'ha', 3))).toEqual(['Hat', 'hat of straw', 'red hat']);
    expect(library.find('guild', '').length).toBe(5);
    expect(library.find('guild', '%')).toEqual([]);
  });

  it('lets owners and moderators change and delete, and nobody else', () => {
    const which = { name: 'hat' };
    save(ann, 'hat');
    save(ann, 'cap');
    expect(() => library.describe(bob, which, 'mine')).toThrow(failing('ANALOGY_NOT_YOURS'));
    expect(() => library.rename(bob, which, 'mine')).toThrow(failing('ANALOGY_NOT_YOURS'));
    expect(() => library.delete(bob, which)).toThrow(failing('ANALOGY_NOT_YOURS'));
    expect(library.describe(ann, which, 'of felt').description).toBe('of felt');
    expect(library.describe(ann, which)).not.toHaveProperty('description');
    expect(() => library.rename(ann, which, 'CAP')).toThrow(failing('ANALOGY_NAME_TAKEN'));
    // To another spelling of its own name.
    expect(library.rename(ann, which, 'HAT').name).toBe('HAT');
    const moderator = { ...bob, moderator: true };
    expect(library.rename(moderator, which, 'bonnet')).toMatchObject({ owner: 'ann' });
    expect(() => library.get('guild', which)).toThrow(failing('ANALOGY_UNKNOWN'));
    expect(library.get('guild', { name: 'Bonnet' }).stored).toEqual(analogyOf(1));
    library.delete(moderator, { name: 'bonnet' });
    expect(names(library.list('guild').analogies)).toEqual(['cap']);
  });

  it('has room for so many of a user and of a tenant', () => {
    for (let i = 0; i < 5; i++) save(ann, `a${i}`);
    expect(() => save(ann, 'a5')).toThrow(/^The library is full: one member may have 5/);
    for (let i = 0; i < 3; i++) save(bob, `b${i}`);
    expect(() => save(bob, 'b3')).toThrow(/all together may have 8/);
    library.delete(ann, { name: 'a0' });
    expect(save(bob, 'b3').name).toBe('b3');
  });

  it('tells of what is damaged, leaves it out of lists, and lets it be removed', () => {
    for (const name of ['hat', 'cap', 'wig']) save(ann, name);
    const database = new DatabaseSync(path);
    const rows = database.prepare('SELECT id, about, stored FROM analogies').all();
    const damage = (name: string, column: 'about' | 'stored') => {
      const row = rows.find(({ about }) => Buffer.from(about as Uint8Array).includes(`"${name}"`));
      const bytes = Uint8Array.from(row?.[column] as Uint8Array);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      database
        .prepare(`UPDATE analogies SET ${column} = ? WHERE id = ?`)
        .run(bytes, row?.id as string);
    };
    damage('hat', 'stored');
    damage('cap', 'about');
    database.close();
    for (const name of ['hat', 'cap']) {
      expect(() => library.get('guild', { name })).toThrow(failing('ANALOGY_DAMAGED'));
    }
    expect(names(library.list('guild').analogies)).toEqual(['hat', 'wig']);
    for (const name of ['hat', 'cap']) library.delete(ann, { name });
    expect(names(library.list('guild').analogies)).toEqual(['wig']);
    expect(save(ann, 'cap').name).toBe('cap');
  });

  it('a save that failed leaves nothing', () => {
    save(ann, 'hat');
    expect(() => save(ann, 'HAT', 'x')).toThrow();
    expect(() => library.get('guild', { analogy: 'x' })).toThrow(failing('ANALOGY_UNKNOWN'));
  });
});

describe('what is forgotten is in no file of the folder', () => {
  it.each([1, 2])('of a user, after changes in any order (seed %i)', (seed) => {
    const folder = join(dir, `forgotten-${seed}`);
    const library = openLibrary(join(folder, 'library.sqlite'), { user: 1e3, tenant: 1e3 });
    const random = createRandom(seed, 'library');
    const any = (count: number) => Math.floor(random.uniform() * count);
    const users = ['ann-canary', 'bob-canary', 'cay-canary'];
    const traces: (string | Buffer)[] = [];
    const describe = (i: number, j: number) => `canary ${i} ${j} ${'words '.repeat(any(70))}`;
    for (let i = 0; i < 30; i++) {
      const user = users[i % 3] as string;
      const stored = analogyOf(i + seed * 1000, i % 2 === 0);
      const request = {
        analogy: `canary-id-${i}-`,
        name: `name ${i} canary`,
        description: describe(i, 0),
      };
      library.save({ tenant: 'guild', user }, request, stored);
      if (user === users[2]) continue;
      traces.push(user, request.analogy, request.name, `canary ${i} `);
      traces.push(Buffer.from(stored.direction.buffer));
    }
    for (let j = 1; j < 50; j++) {
      const i = any(30);
      const caller = { tenant: 'guild', user: users[i % 3] as string };
      library.describe(caller, { analogy: `canary-id-${i}-` }, describe(i, j));
    }
    expect(holding(folder, traces)).not.toEqual([]);
    for (const user of users.slice(0, 2)) expect(library.forget('guild', user)).toBe(10);
    expect(holding(folder, traces)).toEqual([]);
    expect(library.list('guild').analogies.length).toBe(10);
    expect(library.get('guild', { name: 'name 5 canary' }).stored).toEqual(
      analogyOf(5 + seed * 1000, false),
    );
    expect(library.forget('guild', users[2] as string)).toBe(10);
    expect(holding(folder, ['canary'])).toEqual([]);
    library.close();
  });
});

/** Names of the files of a folder that hold any of these. */
function holding(folder: string, needles: readonly (Buffer | string)[]): string[] {
  return readdirSync(folder).filter((name) => {
    const bytes = readFileSync(join(folder, name));
    return needles.some((needle) => bytes.includes(needle));
  });
}
