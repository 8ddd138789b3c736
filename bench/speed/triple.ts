/**
 * One analogy from cold in a process of its own, so that its peak memory is its own too: model
 * loaded, three pictures inverted, the grid rendered; then the grid once more from what was kept.
 *
 * Told what to do by one JSON argument, a {@link TripleOrder}; answers with one JSON line, a
 * {@link TripleResult}.
 */
import { createHash } from 'node:crypto';
import { memoryCache, records } from '../../src/cache/index.ts';
import { toModelPixels } from '../../src/engine/intake/index.ts';
import { loadModel } from '../../src/engine/models/index.ts';
import { runAnalogy } from '../../src/engine/pipeline/index.ts';
import { presetWith } from '../common/preset.ts';
import { drawAnalogy } from '../quality/analogies.ts';

export interface TripleOrder {
  readonly model: string;
  readonly threads: number;
  readonly preset: 'fast' | 'paper';
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly lambdas: readonly number[];
  readonly sigma: number;
}

export interface TripleResult {
  /** Seconds: to load the model; to find the inversions; to render; all of these. */
  readonly load: number;
  readonly tokens: number;
  readonly noise: number;
  readonly render: number;
  readonly total: number;
  /** Seconds of a second run that finds everything kept. */
  readonly warm: number;
  /** U-Net evaluations, counted per sample; tokens and noise apart, renders not counted. */
  readonly evaluations: {
    readonly tokens: { readonly forward: number; readonly vjp: number };
    readonly noise: { readonly forward: number; readonly vjp: number };
  };
  readonly reconstructionDb: number | undefined;
  readonly autoencoderDb: number | undefined;
  /** Peak resident memory of the process, MB (10^6 bytes). */
  readonly peakMb: number;
}

export async function coldTriple(order: TripleOrder): Promise<TripleResult> {
  const { lambdas, sigma, threads } = order;
  const preset = presetWith(order.preset, order.overrides);
  const analogy = await drawAnalogy(0, 0, 'validation');
  const began = performance.now();
  const since = (start: number) => (performance.now() - start) / 1000;
  const model = await loadModel(order.model, { threads });
  const load = since(began);
  const [a, aPrime, b] = [analogy.a, analogy.a2, analogy.b].map(({ picture }) => ({
    pixels: toModelPixels({ rgb: picture, ...model.image }),
    sha256: createHash('sha256').update(picture).digest('hex'),
  })) as [Picture, Picture, Picture];
  const request = { a, aPrime, b, preset, cells: lambdas.map((lambda) => ({ lambda, sigma })) };
  const kept = records(memoryCache());

  // Where tokens end and noise begins, by the phase that is reported.
  const { counters } = model;
  let marks: { at: number; forward: number; vjp: number } | undefined;
  const cold = await runAnalogy(model, request, {
    records: kept,
    onProgress({ role, phase }) {
      const noise = role === 'B' && phase !== 'tokens';
      if (noise)
        marks ??= { at: performance.now(), forward: counters.unetForward, vjp: counters.unetVjp };
    },
  });
  const total = since(began);
  const warmBegan = performance.now();
  await runAnalogy(model, request, { records: kept });
  const warm = since(warmBegan);
  const spent = (of: 'unetForward' | 'unetVjp') =>
    cold.images.reduce((sum, image) => sum + image[of], 0);
  const inversions = cold.images.reduce((sum, image) => sum + image.seconds, 0);
  const tokens = marks ? (marks.at - began) / 1000 - load : inversions;
  const at = marks ?? { forward: spent('unetForward'), vjp: spent('unetVjp') };
  const last = cold.images.at(-1);
  await model.close();
  return {
    load,
    tokens,
    noise: inversions - tokens,
    render: cold.cells.reduce((sum, cell) => sum + cell.seconds, 0),
    total,
    warm,
    evaluations: {
      tokens: { forward: at.forward, vjp: at.vjp },
      noise: { forward: spent('unetForward') - at.forward, vjp: spent('unetVjp') - at.vjp },
    },
    reconstructionDb: last?.reconstructionDb,
    autoencoderDb: last?.autoencoderDb,
    peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  };
}

type Picture = { pixels: Float32Array; sha256: string };

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as TripleOrder;
  process.stdout.write(`${JSON.stringify(await coldTriple(order))}\n`);
}
