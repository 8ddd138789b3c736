import { type Cache, records } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { ThreadDevice } from '../device/index.ts';
import type { TokensResult } from '../inversion/index.ts';
import { inversionVersion, type Preset } from '../inversion/index.ts';
import { type Order, ResultGoneError } from '../jobs/index.ts';
import {
  averageDirections,
  requireModel,
  type StoredAnalogy,
  sumDirections,
} from '../library/index.ts';
import type { JobRequest } from '../protocol.ts';
import type { Analogies, Example } from './analogies.ts';

export interface DirectionsOptions {
  readonly device: Pick<ThreadDevice, 'model' | 'features'>;
  readonly cache: Cache;
  readonly analogies: Analogies;
  readonly preset: Preset;
}

/** What a job's cells are drawn along. */
export interface Found {
  readonly stored: StoredAnalogy;
  /** Pictures that show what it does, where they are known. */
  readonly example: Example | undefined;
  /** The id of the one stored analogy that it is, where it is one, unchanged. */
  readonly id: string | undefined;
}

/**
 * e of a job: the mean of its pairs' c_A' - c_A, or the sum of stored ones, and the words that nudge it,
 * C(text) - C('').
 *
 * @throws ResultGoneError for a pair whose tokens are no longer kept, LikewiseError `ANALOGY_UNKNOWN`
 */
export async function directionOf(
  { device, cache, analogies, preset }: DirectionsOptions,
  order: Order,
  request: JobRequest,
): Promise<Found> {
  const { model } = device;
  const { length, width } = model.text;
  const make = (direction: Float32Array, features?: StoredAnalogy['features']): StoredAnalogy => ({
    model: { id: model.id, hash: model.hash },
    direction,
    shape: [length, width],
    ...(features && { features }),
    algorithm: { name: preset.name, version: inversionVersion, tokens: preset.tokens.count },
    createdAt: Date.now(),
  });
  const nudged = async (direction: Float32Array): Promise<Float32Array> => {
    if (!request.text?.trim()) return direction;
    const [words, empty] = [await device.features(request.text), await device.features('')];
    return sumDirections([
      { direction, weight: 1 },
      { direction: words, weight: 1 },
      { direction: empty, weight: -1 },
    ]);
  };

  if (request.kind !== 'analogy') {
    const parts = await Promise.all(
      request.analogies.map(async ({ analogy, weight }) => ({
        ...(await analogies.get(order.owner, { analogy })),
        weight,
      })),
    );
    for (const { stored } of parts) requireModel(stored, model);
    const [first] = parts;
    const isOne = parts.length === 1 && first?.weight === 1 && !request.text?.trim();
    if (first && isOne) {
      return { stored: first.stored, example: first.example, id: first.about.analogy };
    }
    const sum = sumDirections(
      parts.map(({ stored, weight }) => ({ direction: stored.direction, weight })),
    );
    const example = parts.length === 1 ? first?.example : undefined;
    return { stored: make(await nudged(sum)), example, id: undefined };
  }

  const pairs = await Promise.all(
    request.pairs.map(async (pair, i) => ({
      pair,
      a: await featuresOf(cache, order.before[2 * i]),
      aPrime: await featuresOf(cache, order.before[2 * i + 1]),
    })),
  );
  const differences = pairs.map(({ a, aPrime }) =>
    sumDirections([
      { direction: aPrime, weight: 1 },
      { direction: a, weight: -1 },
    ]),
  );
  const [first] = pairs;
  if (!first) throw new LikewiseError('JOB_FAILED', { reason: 'it has no pair of pictures' });
  const features = pairs.length === 1 ? { a: first.a, aPrime: first.aPrime } : undefined;
  const direction = await nudged(averageDirections(differences));
  return { stored: make(direction, features), example: first.pair, id: undefined };
}

async function featuresOf(cache: Cache, key = ''): Promise<Float32Array> {
  const found = await records(cache, { owner: null }).get(key);
  if (found === undefined) throw new ResultGoneError(`${key} is no longer kept`);
  return (found as unknown as TokensResult).c;
}
