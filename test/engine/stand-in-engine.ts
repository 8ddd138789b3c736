import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/client.ts';
import { isLast, type Job, type JobEvent, type Owner } from '../../src/engine/protocol.ts';
import { LikewiseError } from '../../src/errors.ts';

interface Kept {
  readonly tenant: string;
  readonly job: Job;
  readonly events: JobEvent[];
}

/** An engine without a model: jobs make ten steps of a millisecond, results are their ids. */
export function standInEngine(): Engine & { received: number } {
  const jobs = new Map<string, Kept>();
  const files = new Map<string, { owner: Owner; bytes: Uint8Array }>();
  let changed = Promise.withResolvers<void>();
  let last = 0;
  const find = (owner: Owner, id: string): Kept => {
    const kept = jobs.get(id);
    if (!kept || kept.tenant !== owner.tenant) throw new LikewiseError('JOB_UNKNOWN', { job: id });
    return kept;
  };
  const isOver = ({ events }: Kept) => events.some(isLast);
  const push = (kept: Kept, event: DistributiveOmit<JobEvent, 'id'>) => {
    if (isOver(kept)) return;
    kept.events.push({ ...event, id: kept.events.length } as JobEvent);
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const work = async (kept: Kept) => {
    push(kept, { kind: 'waiting', position: 1 });
    for (let step = 1; step <= 10; step++) {
      await sleep(1);
      push(kept, { kind: 'progress', phase: 'tokens', step, steps: 10, fraction: step / 10 });
    }
    const result = { analogy: 'e1', b: 'b', grid: 'grid', cells: [] };
    push(kept, { kind: 'done', result });
  };
  const view = ({ job, events }: Kept): Job => {
    const latest = events.at(-1);
    const state = latest?.kind === 'progress' ? 'running' : (latest?.kind ?? 'waiting');
    return { ...job, state, ...(latest && { latest }) };
  };

  const engine: Engine & { received: number } = {
    received: 0,
    async putPicture(owner, bytes) {
      const parts: Uint8Array[] = [];
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
        parts.push(chunk);
        engine.received += chunk.length;
        if (engine.received > 5_000_000) {
          const details = { picture: 'The picture', megabytes: 5.1, limit: 5 };
          throw new LikewiseError('PICTURE_TOO_HEAVY', details);
        }
      }
      const picture = `p${++last}`;
      files.set(picture, { owner, bytes: new Uint8Array(Buffer.concat(parts)) });
      return { picture, width: 3, height: 2, remarks: [] };
    },
    async submit(owner, key, request) {
      const id = `${owner.tenant}.${owner.user}.${key}`;
      const kept: Kept = jobs.get(id) ?? {
        tenant: owner.tenant,
        job: { job: id, user: owner.user, state: 'waiting', request, submittedAt: 1 },
        events: [],
      };
      if (!jobs.has(id)) void work(kept);
      jobs.set(id, kept);
      return view(kept);
    },
    job: async (owner, id) => view(find(owner, id)),
    jobs: async (owner) =>
      [...jobs.values()]
        .filter(({ tenant }) => tenant === owner.tenant)
        .map(view)
        .reverse(),
    async *follow(owner, id, { after = -1, signal } = {}) {
      const kept = find(owner, id);
      for (let next = after + 1; ; next++) {
        while (kept.events.length <= next) {
          await Promise.race([changed.promise, sleep(1000, undefined, { signal })]);
        }
        const event = kept.events[next] as JobEvent;
        yield event;
        if (isLast(event)) return;
      }
    },
    async cancel(owner, id) {
      const kept = find(owner, id);
      const was = !isOver(kept);
      push(kept, { kind: 'cancelled' });
      return was;
    },
    async file(owner, file) {
      const kept = files.get(file);
      if (kept?.owner.tenant !== owner.tenant) throw new LikewiseError('FILE_UNKNOWN', { file });
      return { type: 'image/png', bytes: kept.bytes };
    },
    exportAnalogy: async (_, analogy) => new TextEncoder().encode(analogy),
    importAnalogy: async (owner, bytes) => ({
      analogy: new TextDecoder().decode(bytes),
      owner: owner.user,
      createdAt: 1,
    }),
    async forget(owner) {
      const mine = [...files].filter(([, file]) => file.owner.user === owner.user);
      for (const [id] of mine) files.delete(id);
      return { pictures: mine.length, records: 0, analogies: 0, jobs: 0 };
    },
    close: async () => {},
  };
  return engine;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
