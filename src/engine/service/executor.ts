import { type Cache, records } from '../../cache/index.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import type { InversionOrder, ThreadDevice } from '../device/index.ts';
import { crop, fromModelPixels } from '../intake/index.ts';
import type { Preset } from '../inversion/index.ts';
import { type Executor, ExecutorLostError, type Order, ResultGoneError } from '../jobs/index.ts';
import type { Described } from '../pipeline/index.ts';
import { encodePng } from '../render/index.ts';
import { type Drawing, draw } from './draw.ts';
import { isFull } from './full.ts';
import type { Needed } from './needed.ts';
import { type Pictures, pipelinePicture } from './pictures.ts';
import { type InversionInput, inputOf } from './requests.ts';

export interface ExecutorOptions extends Drawing {
  readonly device: Omit<ThreadDevice, 'lost' | 'close' | 'onWarning'>;
  readonly cache: Cache;
  readonly pictures: Pictures;
  readonly preset: Preset;
  readonly seed: number;
  readonly needed: Needed;
  /** Why the device cannot go on, once it cannot. */
  readonly lost: () => Error | undefined;
}

/** A picture of which only the name counts, for what is about keys. */
const unseen = new Float32Array(0);

/** The queue's tasks on the device: what they read and write is in the cache. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { device, cache, pictures, preset, seed, needed } = options;
  const runs = new Map<number, Order>();

  /** An inversion belongs to those to whom its picture belongs. */
  const ownersOf = ({ owner, task }: Order) => {
    const { picture } = inputOf(task) as InversionInput;
    return cache.ownersOf(pictures.keyOf(owner.tenant, picture));
  };

  /** What was found earlier in the same job. */
  const described = async (order: Order, index: number): Promise<Described> => {
    const key = order.before[index] ?? '';
    const found = await records(cache, { owner: null }).get(key);
    if (found === undefined) throw new ResultGoneError(`${key} is no longer kept`);
    return { ...(found as unknown as Described), key };
  };
  /** @param whole with pixels and tokens, or with what decides the key alone */
  const inversion = async (order: Order, whole: boolean): Promise<InversionOrder> => {
    const input = inputOf(order.task) as InversionInput;
    const stored = await pictures.get(order.owner, input.picture);
    needed.add(order.job, pictures.keyOf(order.owner.tenant, input.picture));
    const { sha256 } = stored;
    const picture = whole ? pipelinePicture(stored) : { pixels: unseen, sha256 };
    const common = { preset, seed, scope: order.owner.tenant, picture };
    const earlier = async (index: number) =>
      whole
        ? await described(order, index)
        : ({ key: order.before[index] ?? '' } as unknown as Described);
    if (input.kind === 'noise') {
      return { ...common, kind: 'noise', described: await earlier(input.described) };
    }
    const { reference } = input;
    if (reference === undefined) return { ...common, kind: 'tokens' };
    return { ...common, kind: 'tokens', reference: await earlier(reference) };
  };

  return mapped(
    {
      async keyOf(order) {
        const key = await device.keyOf(await inversion(order, false));
        needed.add(order.job, key);
        return key;
      },
      async known(key, order) {
        const owners = await ownersOf(order);
        const { user } = order.owner;
        const owner = owners.includes(user) ? user : null;
        return (await records(cache, { owner }).get(key)) !== undefined;
      },
      async begin(order, { saved, signal }) {
        const { task, ...report } = await device.begin(await inversion(order, true), {
          saved,
          signal,
        });
        runs.set(task, order);
        return { run: task, ...report };
      },
      step: (run, signal) => device.step(run, signal),
      save: (run) => device.save(run),
      async preview(run) {
        const order = runs.get(run);
        const pixels = order && (await device.preview(run));
        if (!pixels) return undefined;
        const { picture } = inputOf(order.task) as InversionInput;
        const stored = await pictures.get(order.owner, picture);
        return encodePng(crop(fromModelPixels(pixels, stored), stored.crop));
      },
      async finish(run) {
        const result = await device.finish(run);
        runs.delete(run);
        return result;
      },
      async drop(run) {
        runs.delete(run);
        await device.drop(run);
      },
      async keep(key, result, order) {
        const owners = await ownersOf(order);
        if (owners.length === 0) {
          const { picture } = inputOf(order.task) as InversionInput;
          throw new LikewiseError('FILE_UNKNOWN', { file: picture });
        }
        for (const owner of owners) await records(cache, { owner }).set(key, result);
      },
      render: (order, signal) => draw(options, order, signal),
    },
    options.lost,
  );
}

/** Says of errors what the queue wants to know of them: a lost device and a full disk are nobody's fault. */
function mapped(executor: Executor, lost: () => Error | undefined): Executor {
  const told =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await call(...args);
      } catch (error) {
        const reason = lost();
        if (reason) throw new ExecutorLostError(reason.message, { cause: reason });
        if (!isLikewiseError(error) && isFull(error)) {
          throw new LikewiseError('DISK_FULL', { retrySeconds: 60 }, { cause: error });
        }
        throw error;
      }
    };
  return {
    keyOf: told(executor.keyOf),
    known: told(executor.known),
    begin: told(executor.begin),
    step: told(executor.step),
    save: told(executor.save),
    preview: told(executor.preview),
    finish: told(executor.finish),
    drop: told(executor.drop),
    keep: told(executor.keep),
    render: told(executor.render),
  };
}
