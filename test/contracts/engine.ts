import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/client.ts';
import type { JobEvent, JobRequest, Owner } from '../../src/engine/protocol.ts';

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
    const request = async (): Promise<JobRequest> => {
      const b = await put();
      const dials = { lambda: [0, 1], guidance: [2] };
      return { kind: 'analogy', pairs: [{ a: await put(), aPrime: await put() }], b, dials };
    };
    const follow = async (job: string, after?: number) => {
      const events: JobEvent[] = [];
      for await (const event of engine.follow(owner, job, { after })) events.push(event);
      return events;
    };

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

    it('forgets what is a user’s', async () => {
      const file = await put();
      expect((await engine.file(owner, file)).bytes.length).toBeGreaterThan(0);
      expect((await engine.forget(owner)).pictures).toBeGreaterThan(0);
      await expect(engine.file(owner, file)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    });
  });
}
