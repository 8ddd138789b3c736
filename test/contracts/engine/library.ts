import { expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/client.ts';
import type { JobRequestInput, JobResult, Owner } from '../../../src/engine/protocol.ts';

/** What the cases of the contract stand on. */
export interface EngineStage {
  readonly engine: Engine;
  readonly owner: Owner;
  /** Somebody of the same name in another tenant. */
  readonly stranger: Owner;
  /** @returns the id of a picture of theirs */
  put(who?: Owner): Promise<string>;
  request(): Promise<JobRequestInput>;
  /** What a job answers, to its owner. */
  made(key: string, asked: JobRequestInput): Promise<JobResult>;
}

/** Named analogies, and analogies as files. */
export function libraryContract(stage: EngineStage): void {
  const { owner, stranger, put, request, made } = stage;
  const unknown = { code: 'ANALOGY_UNKNOWN' };

  it('names analogies, finds, changes and deletes them; those of others only a moderator', async () => {
    const { analogy } = await made('named', await request());
    expect((await stage.engine.analogy(owner, { analogy })).name).toBeUndefined();
    const saved = await stage.engine.saveAnalogy(owner, { analogy, name: 'Glasses' });
    expect(saved).toMatchObject({ analogy, name: 'Glasses', owner: 'ada' });
    expect(await stage.engine.analogy(owner, { name: 'glasses' })).toEqual(saved);
    expect(await stage.engine.findAnalogies(owner, 'gl')).toEqual([saved]);
    expect((await stage.engine.listAnalogies(owner, { limit: 1 })).analogies).toEqual([saved]);
    expect((await stage.engine.listAnalogies(stranger)).analogies).toEqual([]);
    const bob: Owner = { ...owner, user: 'bob' };
    const change = {
      which: { name: 'Glasses' },
      name: 'Round glasses',
      description: 'of a kind',
    };
    await expect(stage.engine.changeAnalogy(bob, change)).rejects.toMatchObject({
      code: 'ANALOGY_NOT_YOURS',
    });
    expect(await stage.engine.changeAnalogy(bob, { ...change, moderator: true })).toMatchObject({
      name: 'Round glasses',
      description: 'of a kind',
    });

    const bytes = await stage.engine.exportAnalogy(owner, analogy);
    const imported = await stage.engine.importAnalogy(stranger, bytes);
    expect(imported).toMatchObject({ name: 'Round glasses', owner: 'ada' });
    const again = await stage.engine.exportAnalogy(stranger, imported.analogy);
    expect(again.length).toBeGreaterThan(0);
    await expect(stage.engine.importAnalogy(owner, bytes.subarray(0, 30))).rejects.toMatchObject({
      code: expect.stringMatching(/^ANALOGY_FILE_/),
    });

    await expect(stage.engine.deleteAnalogy(bob, { which: { analogy } })).rejects.toMatchObject({
      code: 'ANALOGY_NOT_YOURS',
    });
    await stage.engine.deleteAnalogy(owner, { which: { analogy } });
    expect((await stage.engine.listAnalogies(owner)).analogies).toEqual([]);
    await expect(stage.engine.analogy(owner, { analogy })).rejects.toMatchObject({
      code: 'ANALOGY_UNKNOWN',
    });
  });

  it('shows the library by pages, and keeps its rules', async () => {
    const { analogy } = await made('paged', await request());
    const bytes = await stage.engine.exportAnalogy(owner, analogy);
    const { analogy: other } = await stage.engine.importAnalogy(owner, bytes);
    expect(other).not.toBe(analogy);
    await stage.engine.saveAnalogy(owner, { analogy, name: 'Beard', description: 'a full one' });
    const refused: [name: string, saved: string, code: string][] = [
      [' beard ', other, 'ANALOGY_NAME_TAKEN'],
      ['@everyone', other, 'ANALOGY_NAME_INVALID'],
      ['Bow tie', analogy, 'ANALOGY_NAMED'],
      ['Bow tie', 'none', 'ANALOGY_UNKNOWN'],
    ];
    for (const [name, saved, code] of refused) {
      const saving = stage.engine.saveAnalogy(owner, { analogy: saved, name });
      await expect(saving, code).rejects.toMatchObject({ code });
    }
    await stage.engine.saveAnalogy(owner, { analogy: other, name: 'Bow tie' });
    const first = await stage.engine.listAnalogies(owner, { limit: 1 });
    expect(first.analogies.map(({ name }) => name)).toEqual(['Beard']);
    const second = await stage.engine.listAnalogies(owner, { limit: 1, after: first.next });
    expect(second.analogies.map(({ name }) => name)).toEqual(['Bow tie']);
    expect(second.next).toBeUndefined();
    expect((await stage.engine.listAnalogies(owner, { owner: 'bob' })).analogies).toEqual([]);
    expect((await stage.engine.findAnalogies(owner, 'tie')).map(({ name }) => name)).toEqual([
      'Bow tie',
    ]);

    // An empty description removes the one there is; what is not said stays.
    const which = { name: 'Beard' };
    const bare = await stage.engine.changeAnalogy(owner, { which, description: '' });
    expect([bare.name, bare.description]).toEqual(['Beard', undefined]);
    const taken = stage.engine.changeAnalogy(owner, { which, name: 'bow tie' });
    await expect(taken).rejects.toMatchObject({ code: 'ANALOGY_NAME_TAKEN' });
    await stage.engine.deleteAnalogy({ ...owner, user: 'bob' }, { which, moderator: true });
    await expect(stage.engine.analogy(owner, which)).rejects.toMatchObject(unknown);
    // What was imported is applied like what was made here.
    const { b, ...rest } = await request();
    const applied = await made('applied', {
      kind: 'apply',
      analogies: [{ analogy: other, weight: 1 }],
      b,
      dials: { ...rest.dials, lambda: [1] },
    });
    expect(applied).toMatchObject({ b, cells: [{ lambda: 1, guidance: 2 }] });
  });

  it('shows no analogy of one tenant to another, who may be called the same', async () => {
    const { analogy } = await made('mine', await request());
    const { analogy: nameless } = await made('mine-too', await request());
    await stage.engine.saveAnalogy(owner, { analogy, name: 'Mine' });
    const moderator = true;
    for (const which of [{ name: 'Mine' }, { analogy }, { analogy: nameless }]) {
      await expect(stage.engine.analogy(stranger, which)).rejects.toMatchObject(unknown);
      const changed = stage.engine.changeAnalogy(stranger, { which, name: 'Theirs', moderator });
      await expect(changed).rejects.toMatchObject(unknown);
      const deleted = stage.engine.deleteAnalogy(stranger, { which, moderator });
      await expect(deleted).rejects.toMatchObject(unknown);
    }
    for (const id of [analogy, nameless]) {
      await expect(stage.engine.exportAnalogy(stranger, id)).rejects.toMatchObject(unknown);
      const saved = stage.engine.saveAnalogy(stranger, { analogy: id, name: 'Theirs' });
      await expect(saved).rejects.toMatchObject(unknown);
      const asked = {
        kind: 'apply' as const,
        analogies: [{ analogy: id, weight: 1 }],
        b: await put(stranger),
        dials: { lambda: [1], guidance: [2] },
      };
      await expect(stage.engine.submit(stranger, id, asked)).rejects.toMatchObject(unknown);
    }
    expect(await stage.engine.findAnalogies(stranger, 'mine')).toEqual([]);
    expect(await stage.engine.analogy(owner, { name: 'mine' })).toMatchObject({ analogy });
  });
}
