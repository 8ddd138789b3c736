import { randomUUID } from 'node:crypto';
import type { Config } from '../../../config/index.ts';
import { type Packable, records } from '../../cache/index.ts';
import { type ErrorCode, isLikewiseError, LikewiseError } from '../../errors.ts';
import type { Engine } from '../client.ts';
import type { JobEvent as Happened, JobRecord, Jobs } from '../jobs/index.ts';
import {
  type Caller,
  checkDescription,
  exportAnalogy,
  importAnalogy,
  type Library,
  requireModel,
} from '../library/index.ts';
import {
  type Analogy,
  type Forgotten,
  type Job,
  type JobEvent,
  type JobRequest,
  jobRequestSchema,
  type Owner,
  type Reference,
  type SaveAnalogy,
} from '../protocol.ts';
import type { Allowance } from './allowance.ts';
import { aboutOf } from './analogies.ts';
import { type Drawing, inversionKeys } from './draw.ts';
import { isFull } from './full.ts';
import { analogiesOf, cellsOf, picturesOf, planOf } from './requests.ts';
import { createView, jobOf } from './view.ts';

export interface DoorsOptions extends Drawing {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly library: Library;
  readonly allowance: Allowance;
  /** What the latest `forget` removed besides jobs. */
  readonly forgotten: (owner: Owner) => Omit<Forgotten, 'jobs'>;
  readonly isAccepting: () => boolean;
  /** Told why a picture or a job was refused. */
  readonly onRefused?: (code: ErrorCode) => void;
  readonly close: () => Promise<void>;
}

/**
 * Bytes that a job's files will take, at most as a rule: a PNG takes half of its pixels, and each cell
 * is kept by itself and once more in what shows all of them.
 */
const bytesOf = ({ width, height }: { width: number; height: number }, request: JobRequest) =>
  3 * width * height * cellsOf(request).length;

/** The engine as commands see it. What belongs to another tenant does not exist here. */
export function createDoors(options: DoorsOptions): Engine {
  const { config, jobs, library, allowance, cache, pictures, files, analogies, device } = options;

  const need = (owner: Owner, id: string): JobRecord => {
    const record = jobs.get(id);
    if (record?.owner.tenant !== owner.tenant) throw new LikewiseError('JOB_UNKNOWN', { job: id });
    return record;
  };
  const view = (record: JobRecord): Job => {
    let latest: Happened | undefined;
    try {
      latest = jobs.latest(record.id);
    } catch (error) {
      // Gone in this very moment.
      if (!isLikewiseError(error)) throw error;
    }
    return jobOf(record, latest);
  };

  /** Whether all that is named is there, so that a job does not fail after it has waited. */
  const check = async (owner: Owner, request: JobRequest) => {
    const cells = cellsOf(request).length;
    const limit = config.render.maxCells;
    if (cells > limit) throw new LikewiseError('CELLS_TOO_MANY', { cells, limit });
    for (const id of picturesOf(request)) await pictures.get(owner, id);
    for (const analogy of analogiesOf(request)) {
      requireModel((await analogies.get(owner, { analogy })).stored, device.model);
    }
    if (request.kind !== 'render') return;
    const { sha256 } = await pictures.get(owner, request.b);
    const keys = await inversionKeys(options, owner, sha256);
    const read = records(cache, { owner: null });
    for (const key of [keys.tokens, keys.noise]) {
      if ((await read.get(key)) === undefined) throw new LikewiseError('INVERSION_GONE', {});
    }
  };
  const caller = (owner: Owner, moderator = false): Caller => ({ ...owner, moderator });
  const accepting = () => {
    if (!options.isAccepting()) throw new LikewiseError('ENGINE_STOPPING', { retrySeconds: 10 });
  };

  const roomy = () => {
    if (!jobs.hasRoom()) throw new LikewiseError('DISK_FULL', { retrySeconds: 60 });
  };

  const put: Engine['putPicture'] = async (owner, bytes, signal) => {
    accepting();
    roomy();
    return pictures.put(owner, bytes, signal);
  };
  const submit: Engine['submit'] = async (owner, key, asked) => {
    const request = jobRequestSchema.parse(asked);
    const older = jobs.find(owner, key);
    if (older) return view(older);
    accepting();
    const began = Date.now();
    await check(owner, request);
    const elsewhere = await allowance.kept(owner);
    // Forgotten while it was looked at: what it names is about to go.
    if (jobs.isForgotten(owner, began))
      throw new LikewiseError('FILE_UNKNOWN', { file: request.b });
    const transient = request.kind === 'render' && request.transient === true;
    const { job } = await jobs.submit({
      owner,
      key,
      tasks: planOf(request, config.render.batchCells),
      request: JSON.parse(JSON.stringify(request)) as Packable,
      bytes: transient ? 0 : bytesOf(device.model.image, request),
      elsewhere,
      transient,
    });
    return view(job);
  };
  /** Of a named analogy; undefined for one that is damaged, which can be deleted all the same. */
  const idOf = async (owner: Owner, which: Reference): Promise<string | undefined> => {
    try {
      return (await analogies.get(owner, which)).about.analogy;
    } catch (error) {
      if (isLikewiseError(error) && error.code === 'ANALOGY_DAMAGED') return undefined;
      throw error;
    }
  };
  /** Counts refusals by their code, and says of a full disk that it is. */
  const counted =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await call(...args);
      } catch (error) {
        const told = isFull(error)
          ? new LikewiseError('DISK_FULL', { retrySeconds: 60 }, { cause: error })
          : error;
        if (isLikewiseError(told)) options.onRefused?.(told.code);
        throw told;
      }
    };

  return {
    putPicture: counted(put),
    submit: counted(submit),
    job: async (owner, id) => view(need(owner, id)),
    jobs: async ({ tenant }) => jobs.list(tenant).map(view),
    async *follow(owner, id, { after, signal } = {}) {
      const { tasks, owner: whose } = need(owner, id);
      const shown = createView(tasks, (picture) => files.preview(whose, id, picture));
      for await (const event of jobs.follow(id, after, signal)) {
        const told: JobEvent | undefined = shown(event);
        if (told) yield told;
      }
    },
    async cancel(owner, id) {
      return jobs.cancel(need(owner, id).id);
    },
    async file(owner, id) {
      if (!id.startsWith('p') || id.startsWith('preview.')) return files.get(owner, id);
      return { type: 'image/png', bytes: await pictures.png(owner, id) };
    },
    async exportAnalogy(owner, analogy) {
      const { about, stored } = await analogies.get(owner, { analogy });
      const { name, description } = about;
      return exportAnalogy({ analogy: stored, name, description });
    },
    importAnalogy: counted(async (owner: Owner, bytes: Uint8Array): Promise<Analogy> => {
      const began = Date.now();
      const { analogy: stored, name, description } = importAnalogy(bytes, device.model);
      accepting();
      roomy();
      const id = `i.${randomUUID()}`;
      const key = analogies.keyOf(owner.tenant, id);
      await allowance.within(owner, key, stored, () => analogies.keep(owner, id, stored));
      if (jobs.isForgotten(owner, began)) {
        await cache.disown(key, owner.user);
        throw new LikewiseError('ANALOGY_UNKNOWN', { name: name ?? id });
      }
      return {
        analogy: id,
        owner: owner.user,
        createdAt: stored.createdAt,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
      };
    }),
    analogy: async (owner, which) => (await analogies.get(owner, which)).about,
    saveAnalogy: counted(async (owner: Owner, request: SaveAnalogy) => {
      const began = Date.now();
      const { analogy } = request;
      const { stored } = await analogies.get(owner, { analogy });
      // Forgotten while it was read: a name would bring it back, for good.
      if (jobs.isForgotten(owner, began)) {
        throw new LikewiseError('ANALOGY_UNKNOWN', { name: analogy.slice(0, 80) });
      }
      return aboutOf(library.save(caller(owner), request, stored));
    }),
    async listAnalogies({ tenant }, asked) {
      const { analogies: page, next } = library.list(tenant, asked as object);
      return { analogies: page.map(aboutOf), ...(next !== undefined && { next }) };
    },
    findAnalogies: async ({ tenant }, text) => library.find(tenant, text).map(aboutOf),
    async changeAnalogy(owner, { which, name, description, moderator }) {
      const who = caller(owner, moderator);
      const { analogy } = library.get(owner.tenant, which);
      // All or nothing: what can be refused is looked at first.
      checkDescription(description);
      if (name !== undefined) library.rename(who, { analogy }, name);
      if (description !== undefined) library.describe(who, { analogy }, description);
      return aboutOf(library.get(owner.tenant, { analogy }));
    },
    async deleteAnalogy(owner, { which, moderator }) {
      const id = 'analogy' in which ? which.analogy : await idOf(owner, which);
      library.delete(caller(owner, moderator), which);
      // Whoever deletes it means it: what the cache has of it goes too, unless it is somebody else's,
      // whose results are applied by it.
      if (id !== undefined) await cache.disown(analogies.keyOf(owner.tenant, id), owner.user);
    },
    async forget(owner) {
      const count = await jobs.forget(owner);
      return { ...options.forgotten(owner), jobs: count };
    },
    async forgetBefore({ tenant }, before) {
      const count = jobs.forgetBefore(tenant, before);
      files.forgetBefore(tenant, before);
      const { pictures: gone, ...others } = await cache.forgetBefore(tenant, before);
      const found = Object.values(others).reduce((a, b) => a + b, 0);
      return { pictures: gone, records: found, analogies: 0, jobs: count };
    },
    async status() {
      const { id, hash, provider, precision, tried, image } = device.model;
      const { render, inversion } = jobs.statistics();
      return {
        model: { id, hash, provider, precision, ...(tried && { tried: [...tried] }), ...image },
        waiting: { render: render.depth, inversion: inversion.depth },
        accepting: options.isAccepting() && !jobs.statistics().full,
      };
    },
    close: options.close,
  };
}
