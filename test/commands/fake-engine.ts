import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/client.ts';
import {
  type Analogy,
  isLast,
  type Job,
  type JobEvent,
  type JobRequest,
  type JobResult,
  jobRequestSchema,
  type Owner,
  type Problem,
} from '../../src/engine/protocol.ts';
import { LikewiseError } from '../../src/errors.ts';

interface Kept {
  readonly owner: Owner;
  readonly key: string;
  readonly job: Job;
  readonly events: JobEvent[];
}

/** What a test may do to the engine. */
export interface Strings {
  /** Jobs stay where they are, as long as it is true. */
  held: boolean;
  /** The next job that begins ends with this. */
  failure: Problem | undefined;
  /** Every call fails with it, as long as it is there. */
  fault: Error | undefined;
  /** What was asked, in order. */
  readonly requests: JobRequest[];
  /** Pictures that can be drawn without inverting them. */
  readonly inverted: Set<string>;
  readonly files: Set<string>;
  readonly named: Map<string, Analogy>;
  /** Analogies without a name. */
  readonly found: Map<string, Analogy>;
  /** What `forgetBefore` was asked. */
  readonly erased: { readonly tenant: string; readonly before: number }[];
}

/** An engine without a model that keeps to the rules: what was not made is not there. */
export function fakeEngine(): Engine & Strings {
  const jobs: Kept[] = [];
  let changed = Promise.withResolvers<void>();
  const notify = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const push = ({ events }: Kept, event: DistributiveOmit<JobEvent, 'id'>) => {
    if (events.some(isLast)) return;
    events.push({ ...event, id: events.length } as JobEvent);
    notify();
  };
  const find = ({ tenant }: Owner, id: string): Kept => {
    const kept = jobs.find(({ owner, job }) => owner.tenant === tenant && job.job === id);
    if (!kept) throw new LikewiseError('JOB_UNKNOWN', { job: id });
    return kept;
  };
  const analogyOf = (tenant: string, id: string): Analogy => {
    const named = [...engine.named.values()].find(({ analogy }) => analogy === id);
    const found = named ?? engine.found.get(`${tenant} ${id}`);
    if (!found) throw new LikewiseError('ANALOGY_UNKNOWN', { name: id });
    return found;
  };
  const byName = (tenant: string, name: string): Analogy => {
    const found = engine.named.get(`${tenant} ${name}`);
    if (!found) throw new LikewiseError('ANALOGY_UNKNOWN', { name });
    return found;
  };
  const view = ({ job, events }: Kept): Job => {
    const latest = events.at(-1);
    const state = latest?.kind === 'progress' ? 'running' : (latest?.kind ?? 'waiting');
    return { ...job, state, ...(latest && { latest }) };
  };
  const resultOf = ({ owner, job: { job, request } }: Kept): JobResult => {
    const file = (name: string) => {
      engine.files.add(`${owner.tenant} ${job}.${name}`);
      return `${job}.${name}`;
    };
    const one =
      request.kind !== 'analogy' && request.analogies.length === 1 && request.analogies[0];
    const analogy = one && one.weight === 1 && !request.text ? one.analogy : `e.${job}`;
    if (analogy === `e.${job}`) {
      const about = { analogy, owner: owner.user, createdAt: Date.now() };
      engine.found.set(`${owner.tenant} ${analogy}`, about);
    }
    engine.inverted.add(request.b);
    const cells = request.dials.guidance.flatMap((guidance) =>
      request.dials.lambda.map((lambda) => ({ lambda, guidance })),
    );
    const suggested = cells.find(({ lambda }) => lambda === 1);
    const output = request.kind === 'render' ? request.output : 'grid';
    const moves = output === 'webp' || output === 'gif';
    return {
      analogy,
      b: request.b,
      cells: cells.map((cell, i) => ({ ...cell, file: file(String(i)) })),
      ...(output !== 'cells' && { grid: file('grid') }),
      ...(moves && { animation: file('animation') }),
      ...(suggested && { suggested }),
    };
  };
  const work = async (kept: Kept) => {
    push(kept, { kind: 'waiting', position: 2, eta: 100 });
    while (engine.held && !kept.events.some(isLast))
      await Promise.race([changed.promise, sleep(5)]);
    const { failure } = engine;
    engine.failure = undefined;
    push(kept, {
      kind: 'progress',
      role: 'B',
      phase: 'tokens',
      step: 1,
      steps: 2,
      fraction: 0.5,
      eta: 10,
      preview: 'preview.1',
    });
    push(kept, { kind: 'progress', phase: 'render', step: 0, steps: 0, fraction: 0.9 });
    if (kept.events.some(isLast)) return;
    if (failure) push(kept, { kind: 'failed', problem: failure });
    else push(kept, { kind: 'done', result: resultOf(kept) });
  };

  const engine: Engine & Strings = {
    held: false,
    failure: undefined,
    fault: undefined,
    requests: [],
    inverted: new Set(),
    files: new Set(['preview.1']),
    named: new Map(),
    found: new Map(),
    erased: [],

    async putPicture({ tenant }, bytes) {
      if (engine.fault) throw engine.fault;
      const parts: Uint8Array[] = [];
      for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) parts.push(part);
      const text = Buffer.concat(parts).toString();
      if (!text.startsWith('picture')) {
        throw new LikewiseError('PICTURE_UNKNOWN', { picture: 'The picture' });
      }
      const picture = `p.${Buffer.from(text).toString('hex')}`;
      engine.files.add(`${tenant} ${picture}`);
      return { picture, width: 3, height: 2, remarks: text.includes('moves') ? ['animated'] : [] };
    },
    async submit(owner, key, asked) {
      if (engine.fault) throw engine.fault;
      const older = jobs.find(
        (each) =>
          each.owner.tenant === owner.tenant && each.owner.user === owner.user && each.key === key,
      );
      if (older) return view(older);
      const request = jobRequestSchema.parse(asked);
      if (request.kind !== 'analogy') {
        for (const { analogy } of request.analogies) analogyOf(owner.tenant, analogy);
      }
      if (request.kind === 'render' && !engine.inverted.has(request.b)) {
        throw new LikewiseError('INVERSION_GONE', {});
      }
      engine.requests.push(request);
      const job: Job = {
        job: randomUUID(),
        user: owner.user,
        state: 'waiting',
        request,
        submittedAt: Date.now(),
      };
      const kept = { owner, key, job, events: [] };
      jobs.unshift(kept);
      void work(kept);
      return view(kept);
    },
    async job(owner, id) {
      if (engine.fault) throw engine.fault;
      return view(find(owner, id));
    },
    async jobs({ tenant }) {
      if (engine.fault) throw engine.fault;
      const isListed = ({ owner, job: { request } }: Kept) =>
        owner.tenant === tenant && !(request.kind === 'render' && request.transient);
      return jobs.filter(isListed).map(view);
    },
    async *follow(owner, id, { after = -1, signal } = {}) {
      const kept = find(owner, id);
      for (let next = after + 1; ; next++) {
        while (kept.events.length <= next) {
          if (!jobs.includes(kept)) throw new LikewiseError('JOB_UNKNOWN', { job: id });
          await Promise.race([changed.promise, sleep(1000, undefined, { signal })]);
        }
        const event = kept.events[next] as JobEvent;
        yield event;
        if (isLast(event)) return;
      }
    },
    async cancel(owner, id) {
      const kept = find(owner, id);
      const was = !kept.events.some(isLast);
      push(kept, { kind: 'cancelled' });
      return was;
    },
    async file({ tenant }, file) {
      if (!engine.files.has(`${tenant} ${file}`) && !engine.files.has(file)) {
        throw new LikewiseError('FILE_UNKNOWN', { file });
      }
      return { type: 'image/png', bytes: new TextEncoder().encode(file) };
    },
    async exportAnalogy({ tenant }, id) {
      return new TextEncoder().encode(JSON.stringify(analogyOf(tenant, id)));
    },
    async importAnalogy({ tenant, user }, bytes) {
      const text = new TextDecoder().decode(bytes);
      if (!text.startsWith('{')) throw new LikewiseError('ANALOGY_FILE_JSON', { reason: 'no {' });
      const { name } = JSON.parse(text) as Analogy;
      const found = { analogy: `i.${randomUUID()}`, owner: user, createdAt: Date.now() };
      engine.found.set(`${tenant} ${found.analogy}`, found);
      return { ...found, ...(name !== undefined && { name }) };
    },
    async analogy({ tenant }, which) {
      if (engine.fault) throw engine.fault;
      return 'name' in which ? byName(tenant, which.name) : analogyOf(tenant, which.analogy);
    },
    async saveAnalogy({ tenant, user }, { analogy, name, description }) {
      analogyOf(tenant, analogy);
      if (engine.named.has(`${tenant} ${name}`)) {
        throw new LikewiseError('ANALOGY_NAME_TAKEN', { name });
      }
      const more = description === undefined ? {} : { description };
      const saved: Analogy = { analogy, name, owner: user, createdAt: Date.now(), ...more };
      engine.named.set(`${tenant} ${name}`, saved);
      return saved;
    },
    async listAnalogies({ tenant }, { after = '0', limit = 50 } = {}) {
      const all = [...engine.named].filter(([key]) => key.startsWith(`${tenant} `));
      const end = Number(after) + limit;
      return {
        analogies: all.slice(Number(after), end).map(([, analogy]) => analogy),
        ...(end < all.length && { next: String(end) }),
      };
    },
    async findAnalogies({ tenant }, text) {
      if (engine.fault) throw engine.fault;
      const all = [...engine.named].filter(([key]) => key.startsWith(`${tenant} `));
      return all
        .map(([, analogy]) => analogy)
        .filter(({ name }) => name?.includes(text))
        .slice(0, 25);
    },
    async changeAnalogy({ tenant, user }, { which, name, description, moderator }) {
      const old = 'name' in which ? byName(tenant, which.name) : analogyOf(tenant, which.analogy);
      if (old.owner !== user && !moderator) {
        throw new LikewiseError('ANALOGY_NOT_YOURS', { name: old.name ?? '' });
      }
      const changed = { ...old, name: name ?? old.name ?? '', description };
      engine.named.delete(`${tenant} ${old.name}`);
      engine.named.set(`${tenant} ${changed.name}`, changed as Analogy);
      return changed as Analogy;
    },
    async deleteAnalogy({ tenant, user }, { which, moderator }) {
      const old = 'name' in which ? byName(tenant, which.name) : analogyOf(tenant, which.analogy);
      if (old.owner !== user && !moderator) {
        throw new LikewiseError('ANALOGY_NOT_YOURS', { name: old.name ?? '' });
      }
      engine.named.delete(`${tenant} ${old.name}`);
      engine.found.delete(`${tenant} ${old.analogy}`);
    },
    async status() {
      if (engine.fault) throw engine.fault;
      return {
        model: { id: 'none', hash: '0', provider: 'cpu', width: 3, height: 2 },
        waiting: { render: 1, inversion: 2 },
        accepting: true,
      };
    },
    async forget({ tenant, user }) {
      const mine = jobs.filter(({ owner }) => owner.tenant === tenant && owner.user === user);
      for (const kept of mine) {
        push(kept, { kind: 'cancelled' });
        jobs.splice(jobs.indexOf(kept), 1);
      }
      return { pictures: 3, records: 0, analogies: 0, jobs: mine.length };
    },
    async forgetBefore({ tenant }, before) {
      engine.erased.push({ tenant, before });
      if (engine.fault) throw engine.fault;
      return { pictures: 0, records: 0, analogies: 0, jobs: 0 };
    },
    close: async () => {},
  };
  return engine;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
