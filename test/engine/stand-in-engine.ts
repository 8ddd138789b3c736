import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/client.ts';
import {
  type AnalogyModel,
  exportAnalogy,
  importAnalogy,
  type NamedAnalogy,
  openLibrary,
  type StoredAnalogy,
} from '../../src/engine/library/index.ts';
import {
  type Analogy,
  isLast,
  type Job,
  type JobEvent,
  type JobResult,
  jobRequestSchema,
  type Owner,
  type Reference,
} from '../../src/engine/protocol.ts';
import { isLikewiseError, LikewiseError } from '../../src/errors.ts';

interface Kept {
  readonly tenant: string;
  readonly job: Job;
  readonly events: JobEvent[];
}

const model: AnalogyModel = {
  id: 'stand-in',
  hash: '0'.repeat(64),
  text: { length: 2, width: 2 },
};

/** A direction that says which job it is of. */
const storedOf = (number: number): StoredAnalogy => ({
  model: { id: model.id, hash: model.hash },
  direction: Float32Array.of(number, 1, 2, 3),
  shape: [2, 2],
  algorithm: { name: 'fast', version: 1, tokens: 1 },
  createdAt: 1000 + number,
});

const about = ({ analogy, name, description, owner, createdAt }: NamedAnalogy): Analogy => ({
  analogy,
  name,
  owner,
  createdAt,
  ...(description !== undefined && { description }),
});

/**
 * An engine without a model: jobs make ten steps of a millisecond, a drawn picture is the B that it was
 * asked for, and the library is the real one.
 */
export function standInEngine(): Engine & { received: number } {
  const jobs = new Map<string, Kept>();
  const files = new Map<string, { owner: Owner; bytes: Uint8Array; type?: string; at: number }>();
  const library = openLibrary(':memory:', { user: 100, tenant: 1000 });
  /** Analogies that nobody named. */
  const nameless = new Map<string, { owner: Owner; stored: StoredAnalogy; at: number }>();
  let changed = Promise.withResolvers<void>();
  let isClosed = false;
  let last = 0;
  const analogyOf = (owner: Owner, which: Reference): { about: Analogy; stored: StoredAnalogy } => {
    try {
      const found = library.get(owner.tenant, which);
      return { about: about(found), stored: found.stored };
    } catch (error) {
      const id = 'analogy' in which ? which.analogy : '';
      const kept = nameless.get(id);
      if (!isLikewiseError(error) || kept?.owner.tenant !== owner.tenant) throw error;
      const { createdAt } = kept.stored;
      return { about: { analogy: id, owner: kept.owner.user, createdAt }, stored: kept.stored };
    }
  };
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
  const resultOf = ({ tenant, job: { job, user, request } }: Kept): JobResult => {
    const owner = { tenant, user };
    const shown = files.get(request.b)?.bytes ?? new Uint8Array();
    const draw = (name: string, type = 'image/png') => {
      files.set(name, { owner, bytes: shown, type, at: Date.now() });
      return name;
    };
    let analogy = `e.${job}`;
    const [first, ...others] = request.kind === 'analogy' ? [] : request.analogies;
    if (first?.weight === 1 && others.length === 0) analogy = first.analogy;
    else nameless.set(analogy, { owner, stored: storedOf(++last), at: Date.now() });
    const { lambda, guidance } = request.dials;
    const dials = guidance.flatMap((g) => lambda.map((l) => ({ lambda: l, guidance: g })));
    const cells = dials.map((dial, i) => ({ ...dial, file: draw(`${job}.${i}`) }));
    const suggested = dials.at(-1);
    const output = request.kind === 'render' ? request.output : 'grid';
    return {
      analogy,
      b: request.b,
      cells,
      ...(output === 'grid' && { grid: draw(`${job}.grid`) }),
      ...(output === 'grid' && suggested && { suggested }),
      ...((output === 'webp' || output === 'gif') && {
        animation: draw(`${job}.animation`, `image/${output}`),
      }),
    };
  };
  const work = async (kept: Kept) => {
    push(kept, { kind: 'waiting', position: 1 });
    for (let step = 1; step <= 10; step++) {
      await sleep(1);
      push(kept, { kind: 'progress', phase: 'tokens', step, steps: 10, fraction: step / 10 });
    }
    if (!isOver(kept)) push(kept, { kind: 'done', result: resultOf(kept) });
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
      files.set(picture, { owner, bytes: new Uint8Array(Buffer.concat(parts)), at: Date.now() });
      return { picture, width: 3, height: 2, remarks: [] };
    },
    async submit(owner, key, asked) {
      const request = jobRequestSchema.parse(asked);
      const own = ({ b }: { b: string }) => files.get(b)?.owner.tenant === owner.tenant;
      if (!own(request)) throw new LikewiseError('FILE_UNKNOWN', { file: request.b });
      if (request.kind !== 'analogy') {
        for (const { analogy } of request.analogies) analogyOf(owner, { analogy });
      }
      const id = `${owner.tenant}.${owner.user}.${key}`;
      const kept: Kept = jobs.get(id) ?? {
        tenant: owner.tenant,
        job: { job: id, user: owner.user, state: 'waiting', request, submittedAt: Date.now() },
        events: [],
      };
      if (!jobs.has(id)) void work(kept);
      jobs.set(id, kept);
      return view(kept);
    },
    job: async (owner, id) => view(find(owner, id)),
    jobs: async (owner) =>
      [...jobs.values()]
        .filter(({ tenant, job: { request } }) => {
          const isTransient = request.kind === 'render' && request.transient === true;
          return tenant === owner.tenant && !isTransient;
        })
        .map(view)
        .reverse(),
    async *follow(owner, id, { after = -1, signal } = {}) {
      const kept = find(owner, id);
      for (let next = after + 1; ; next++) {
        if (isClosed) throw new LikewiseError('ENGINE_STOPPING', { retrySeconds: 10 });
        while (kept.events.length <= next) {
          if (isClosed) throw new LikewiseError('ENGINE_STOPPING', { retrySeconds: 10 });
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
      return { type: kept.type ?? 'image/png', bytes: kept.bytes };
    },
    async exportAnalogy(owner, analogy) {
      const { about: told, stored } = analogyOf(owner, { analogy });
      return exportAnalogy({ analogy: stored, name: told.name, description: told.description });
    },
    async importAnalogy(owner, bytes) {
      const { analogy: stored, name, description } = importAnalogy(bytes, model);
      const analogy = `i.${++last}`;
      nameless.set(analogy, { owner, stored, at: Date.now() });
      return {
        analogy,
        owner: owner.user,
        createdAt: stored.createdAt,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
      };
    },
    analogy: async (owner, which) => analogyOf(owner, which).about,
    async saveAnalogy(owner, request) {
      const { stored } = analogyOf(owner, { analogy: request.analogy });
      return about(library.save(owner, request, stored));
    },
    async listAnalogies({ tenant }, asked) {
      const { analogies, next } = library.list(tenant, asked as object);
      return { analogies: analogies.map(about), ...(next !== undefined && { next }) };
    },
    findAnalogies: async ({ tenant }, text) => library.find(tenant, text).map(about),
    async changeAnalogy(owner, { which, name, description, moderator = false }) {
      const caller = { ...owner, moderator };
      const { analogy } = library.get(owner.tenant, which);
      if (description !== undefined) library.describe(caller, { analogy }, description);
      if (name !== undefined) library.rename(caller, { analogy }, name);
      return about(library.get(owner.tenant, { analogy }));
    },
    async deleteAnalogy(owner, { which, moderator = false }) {
      const { about: told } = analogyOf(owner, which);
      library.delete({ ...owner, moderator }, which);
      if (nameless.get(told.analogy)?.owner.user === owner.user) nameless.delete(told.analogy);
    },
    async status() {
      const { id, hash } = model;
      return {
        model: { id, hash, provider: 'none', width: 128, height: 128 },
        waiting: { render: 0, inversion: 0 },
        accepting: true,
      };
    },
    async forget(owner) {
      const isMine = (one: Owner) => one.tenant === owner.tenant && one.user === owner.user;
      const mine = [...files].filter(([, file]) => isMine(file.owner));
      for (const [id] of mine) files.delete(id);
      const analogies = library.forget(owner.tenant, owner.user);
      for (const [id, kept] of nameless) {
        if (isMine(kept.owner)) nameless.delete(id);
      }
      let waiting = 0;
      for (const [id, kept] of jobs) {
        if (kept.tenant !== owner.tenant || kept.job.user !== owner.user) continue;
        if (!isOver(kept)) waiting++;
        push(kept, { kind: 'cancelled' });
        jobs.delete(id);
      }
      return { pictures: mine.length, records: 0, analogies, jobs: waiting };
    },
    async forgetBefore({ tenant }, before) {
      let [gone, records, count] = [0, 0, 0];
      for (const [id, { owner, at }] of files) {
        if (owner.tenant !== tenant || at >= before) continue;
        if (id.startsWith('p')) gone++;
        else records++;
        files.delete(id);
      }
      for (const [id, { owner, at }] of nameless) {
        if (owner.tenant === tenant && at < before && nameless.delete(id)) records++;
      }
      for (const [id, kept] of jobs) {
        const isOld = kept.tenant === tenant && kept.job.submittedAt < before;
        if (isOld && isOver(kept) && jobs.delete(id)) count++;
      }
      return { pictures: gone, records, analogies: 0, jobs: count };
    },
    close: async () => {
      isClosed = true;
      changed.resolve();
    },
  };
  return engine;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
