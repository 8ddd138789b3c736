import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/client.ts';
import type { JobEvent, JobRequestInput, JobResult, Owner } from '../../src/engine/protocol.ts';
import { LikewiseError } from '../../src/errors.ts';
import { libraryContract } from './engine/library.ts';

/** What every `Engine` must do. `picture` gives bytes that it takes as a picture. */
export function engineContract(
  name: string,
  open: () => Promise<Engine>,
  picture: () => Uint8Array,
): void {
  describe(`${name} keeps the engine contract`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine.close());

    const owner: Owner = { tenant: 'discord:1', user: 'ada' };
    const stranger: Owner = { tenant: 'discord:2', user: 'ada' };
    const put = async (who = owner) => (await engine.putPicture(who, picture())).picture;
    const request = async (): Promise<JobRequestInput> => {
      const b = await put();
      const dials = { lambda: [0, 1], guidance: [2] };
      return { kind: 'analogy', pairs: [{ a: await put(), aPrime: await put() }], b, dials };
    };
    const follow = async (job: string, after?: number) => {
      const events: JobEvent[] = [];
      for await (const event of engine.follow(owner, job, { after })) events.push(event);
      return events;
    };
    /** What a job answers, to its owner. @throws Error where it ends otherwise */
    const made = async (key: string, asked: JobRequestInput): Promise<JobResult> => {
      const { job } = await engine.submit(owner, key, asked);
      const last = (await follow(job)).at(-1);
      if (last?.kind !== 'done') throw new Error(JSON.stringify(last));
      return last.result;
    };
    const unknown = { code: 'ANALOGY_UNKNOWN' };

    it('takes a picture, whole or in parts', async () => {
      const whole = await engine.putPicture(owner, picture());
      expect(whole.width).toBeGreaterThan(0);
      const bytes = picture();
      const parts = (async function* () {
        yield bytes.subarray(0, 10);
        yield bytes.subarray(10);
      })();
      const put = await engine.putPicture(owner, parts);
      expect([put.width, put.height]).toEqual([whole.width, whole.height]);
    });

    it('fails with the picture that it was to take, and takes the next', async () => {
      const bytes = picture();
      const broken = (async function* () {
        yield bytes.subarray(0, 10);
        throw new LikewiseError('PICTURE_EMPTY', { picture: 'The source' });
      })();
      const putting = engine.putPicture(owner, broken);
      await expect(putting).rejects.toMatchObject({
        code: 'PICTURE_EMPTY',
        details: { picture: 'The source' },
      });
      expect((await engine.putPicture(owner, bytes)).width).toBeGreaterThan(0);
    });

    it('accepts a job and tells what happens to it, to its one end', async () => {
      const { job } = await engine.submit(owner, 'first', await request());
      const events = await follow(job);
      const ids = events.map((event) => event.id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(new Set(ids).size).toBe(ids.length);
      expect(events.filter(({ kind }) => kind === 'done')).toHaveLength(1);
      expect(events.at(-1)?.kind).toBe('done');
      expect((await engine.job(owner, job)).state).toBe('done');
      expect((await engine.jobs(owner)).map((each) => each.job)).toContain(job);
    });

    it('the same key is the same job', async () => {
      const asked = await request();
      const one = await engine.submit(owner, 'twice', asked);
      const two = await engine.submit(owner, 'twice', asked);
      expect(two.job).toBe(one.job);
      await follow(one.job);
      const three = await engine.submit(owner, 'twice', asked);
      expect(three).toMatchObject({ job: one.job, state: 'done' });
    });

    it('takes a follower up again where it was', async () => {
      const { job } = await engine.submit(owner, 'resumed', await request());
      const all = await follow(job);
      const seen = all.at(-2)?.id ?? -1;
      expect(await follow(job, seen)).toEqual(all.slice(-1));
    });

    it('cancels, once', async () => {
      const { job } = await engine.submit(owner, 'cancelled', await request());
      expect(await engine.cancel(owner, job)).toBe(true);
      expect((await follow(job)).at(-1)?.kind).toBe('cancelled');
      expect(await engine.cancel(owner, job)).toBe(false);
      expect((await engine.job(owner, job)).state).toBe('cancelled');
    });

    it('shows nothing of one tenant to another', async () => {
      const { job } = await engine.submit(owner, 'private', await request());
      const file = await put();
      await expect(engine.job(stranger, job)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
      await expect(engine.cancel(stranger, job)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
      await expect(engine.file(stranger, file)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
      expect(await engine.jobs(stranger)).toEqual([]);
      const following = engine.follow(stranger, job)[Symbol.asyncIterator]();
      await expect(following.next()).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    });

    it('keeps what a render refines, and draws what it is asked for', async () => {
      const first = await engine.submit(owner, 'refined', await request());
      const { analogy, b, grid, cells: both } = await made('refined', first.request);
      expect(both.map(({ lambda }) => lambda)).toEqual([0, 1]);
      expect((await engine.file(owner, grid ?? '')).type).toBe('image/png');
      const render = {
        kind: 'render' as const,
        analogies: [{ analogy, weight: 1 }],
        b,
        dials: { lambda: [0.5], guidance: [2] },
        parent: first.job,
      };
      const cells = await engine.submit(owner, 'cells', { ...render, output: 'cells' });
      expect(cells.request).toMatchObject({ parent: first.job, output: 'cells' });
      const alone = await made('cells', cells.request);
      expect(alone.grid).toBeUndefined();
      expect(alone.cells).toHaveLength(1);
      const file = await engine.file(owner, alone.cells[0]?.file ?? '');
      expect(file.bytes.length).toBeGreaterThan(0);

      const dials = { lambda: [0, 1], guidance: [2] };
      const moving = await made('moving', { ...render, dials, output: 'webp' });
      expect(moving.grid).toBeUndefined();
      expect((await engine.file(owner, moving.animation ?? '')).type).toBe('image/webp');
      const grids = await engine.submit(owner, 'grid', render);
      expect(grids.request).toMatchObject({ output: 'grid' });
      expect((await made('grid', render)).grid).toBeDefined();
      await expect(
        engine.submit(owner, 'none', { ...render, analogies: [{ analogy: 'none', weight: 1 }] }),
      ).rejects.toMatchObject(unknown);
    });

    libraryContract({
      get engine() {
        return engine;
      },
      owner,
      stranger,
      put,
      request,
      made,
    });

    it('says what it is', async () => {
      const { model, waiting, accepting } = await engine.status(owner);
      expect(model.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(Math.min(model.width, model.height, waiting.render + 1)).toBeGreaterThan(0);
      expect(accepting).toBe(true);
    });

    it('forgets what is a user’s', async () => {
      const file = await put();
      const { analogy } = await made('forgotten', await request());
      await engine.saveAnalogy(owner, { analogy, name: 'Forgotten' });
      const theirs = await put(stranger);
      expect((await engine.file(owner, file)).bytes.length).toBeGreaterThan(0);
      const forgotten = await engine.forget(owner);
      expect(forgotten.pictures).toBeGreaterThan(0);
      expect(forgotten.analogies).toBeGreaterThan(0);
      await expect(engine.file(owner, file)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
      for (const which of [{ analogy }, { name: 'Forgotten' }]) {
        await expect(engine.analogy(owner, which)).rejects.toMatchObject(unknown);
      }
      expect((await engine.jobs(owner)).filter(({ user }) => user === owner.user)).toEqual([]);
      // One of the same name in another tenant is somebody else.
      expect((await engine.file(stranger, theirs)).bytes.length).toBeGreaterThan(0);
    });

    it('draws what is only tried, and lists it nowhere', async () => {
      const first = await made('tried-first', await request());
      const { analogy, b } = first;
      const dials = { lambda: [0.25], guidance: [2] };
      const analogies = [{ analogy, weight: 1 }];
      const render = { kind: 'render' as const, analogies, b, dials, output: 'cells' as const };
      const { job } = await engine.submit(owner, 'tried', { ...render, transient: true });
      const { cells } = await made('tried', { ...render, transient: true });
      expect((await engine.file(owner, cells[0]?.file ?? '')).bytes.length).toBeGreaterThan(0);
      expect((await engine.job(owner, job)).state).toBe('done');
      const listed = (await engine.jobs(owner)).map((each) => each.job);
      expect(listed).not.toContain(job);
      expect(listed.length).toBeGreaterThan(0);
      // A sum is a direction that would have to be kept.
      const sum = [...analogies, { analogy, weight: -0.5 }];
      const asked = { ...render, analogies: sum, transient: true };
      await expect(engine.submit(owner, 'tried-sum', asked)).rejects.toThrow(/one direction/);
    });

    it('deletes a name, and leaves the results of others as they are', async () => {
      const { analogy } = await made('lent', await request());
      const bob: Owner = { ...owner, user: 'bob' };
      await engine.saveAnalogy(bob, { analogy, name: 'Borrowed' });
      await engine.deleteAnalogy(bob, { which: { name: 'Borrowed' } });
      await expect(engine.analogy(owner, { name: 'Borrowed' })).rejects.toMatchObject(unknown);
      expect((await engine.exportAnalogy(owner, analogy)).length).toBeGreaterThan(0);
    });

    it('forgets what of a tenant is older than it says, but for what has a name', async () => {
      const old = await request();
      const { analogy, cells } = await made('aged', old);
      const { analogy: named } = await made('aged-named', old);
      await engine.saveAnalogy(owner, { analogy: named, name: 'Ageless' });
      const theirs = await put(stranger);
      const count = (await engine.jobs(owner)).length;
      const files = [old.b, cells[0]?.file ?? ''];
      const long = Date.now() - 3_600_000;
      const none = { pictures: 0, records: 0, analogies: 0, jobs: 0 };
      expect(await engine.forgetBefore(owner, long)).toEqual(none);
      for (const file of files) await engine.file(owner, file);
      const forgotten = await engine.forgetBefore({ tenant: owner.tenant }, Date.now() + 1);
      expect(forgotten).toMatchObject({ analogies: 0, jobs: expect.any(Number) });
      expect(forgotten.jobs).toBeGreaterThanOrEqual(count);
      expect(Math.min(forgotten.pictures, forgotten.records)).toBeGreaterThan(0);
      expect(await engine.jobs(owner)).toEqual([]);
      for (const file of files) {
        await expect(engine.file(owner, file)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
      }
      await expect(engine.analogy(owner, { analogy })).rejects.toMatchObject(unknown);
      expect((await engine.exportAnalogy(owner, named)).length).toBeGreaterThan(0);
      expect((await engine.file(stranger, theirs)).bytes.length).toBeGreaterThan(0);
    });

    // The last one: nothing can be asked after it.
    it('leaves no follower waiting when it is closed', async () => {
      const { job } = await engine.submit(owner, 'unfinished', await request());
      const events = engine.follow(owner, job)[Symbol.asyncIterator]();
      expect((await events.next()).done).toBe(false);
      const rest = (async () => {
        for (let last = ''; ; ) {
          const { value, done } = await events.next();
          if (done) return last;
          last = value.kind;
        }
      })().catch((error: unknown) => error as Error);
      await engine.close();
      const end = await rest;
      // Over meanwhile, perhaps; else it fails, and is not left to think that nothing more comes.
      if (typeof end === 'string') expect(end).toBe('done');
      else expect(end.message).toMatch(/engine.*(stop|closed)/);
      const late = engine.follow(owner, job)[Symbol.asyncIterator]();
      await expect(late.next()).rejects.toThrow(/engine.*(stop|closed)/);
    });
  });
}
