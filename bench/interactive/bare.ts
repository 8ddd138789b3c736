/** The same engine without page and browser: what a picture takes at least. */
import { readFileSync } from 'node:fs';
import { connectEngine, type Engine } from '../../src/engine/client.ts';
import {
  isLast,
  type JobRequestInput,
  type JobResult,
  type Owner,
} from '../../src/engine/protocol.ts';
import type { Product } from './product.ts';

const owner: Owner = { tenant: 'bench', user: 'bench' };

/**
 * Makes the sample analogy, then draws one cell after the other, each at a strength of its own.
 * @returns milliseconds from asking for a cell until the engine tells that it is there
 */
export async function bareRenders(
  product: Product,
  count: number,
  signal: AbortSignal,
): Promise<number[]> {
  const engine = connectEngine(product.engine);
  try {
    const [a, aPrime, b] = [
      await put(engine, 'plain'),
      await put(engine, 'with-glasses'),
      await put(engine, 'friend'),
    ];
    const cell = (lambda: number) => ({ lambda: [lambda], guidance: [2] });
    const pairs = [{ a, aPrime }];
    const { analogy, b: inverted } = await done(engine, 'base', {
      kind: 'analogy',
      pairs,
      b,
      dials: cell(1),
    });
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      signal.throwIfAborted();
      const began = performance.now();
      await done(engine, `cell${n}`, {
        kind: 'render',
        analogies: [{ analogy, weight: 1 }],
        b: inverted,
        dials: cell(-1 + (n + 0.5) * (4 / count)),
      });
      times.push(performance.now() - began);
    }
    return times;
  } finally {
    await engine.close();
  }
}

async function put(engine: Engine, sample: string): Promise<string> {
  const file = new URL(`../../samples/${sample}.png`, import.meta.url);
  return (await engine.putPicture(owner, readFileSync(file))).picture;
}

async function done(engine: Engine, key: string, request: JobRequestInput): Promise<JobResult> {
  const { job } = await engine.submit(owner, key, request);
  for await (const event of engine.follow(owner, job)) {
    if (event.kind === 'done') return event.result;
    if (isLast(event)) break;
  }
  throw new Error(`the engine could not make a job of the kind ${request.kind}`);
}
