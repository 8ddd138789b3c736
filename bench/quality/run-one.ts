/** One analogy from beginning to end: draw, make every method's B', judge, write down. */
import type { DiffusionModel } from '../../src/engine/models/index.ts';
import { type Analogy, candidatesOf, drawAnalogy } from './analogies.ts';
import { KINDS } from './changes.ts';
import { captionsImg2img } from './methods/img2img.ts';
import type { Method } from './methods/method.ts';
import type { Ours } from './methods/ours.ts';
import { pixelDifference } from './methods/pixels.ts';
import { trueFeatures } from './methods/upper.ts';
import type { MethodId, Plan } from './plan.ts';
import { type AnalogyRecord, describe, judgeCells } from './record.ts';
import { packPicture } from './sheet.ts';

/** The methods of a plan, by id, ready to be asked. */
export function methodsOf(plan: Plan, model: DiffusionModel, ours: Ours): Record<MethodId, Method> {
  const { lambdas, guidances, mode, seed, strengths, suggested } = plan;
  return {
    ours,
    upper: trueFeatures(model, { lambdas, guidances, mode, noise: ours.fixedPoint }),
    captions: captionsImg2img(model, {
      strengths,
      lambdas,
      sigma: suggested.guidance,
      steps: ours.fixedPoint.steps,
      seed,
    }),
    pixels: pixelDifference(lambdas),
  };
}

export async function runOne(
  plan: Plan,
  index: number,
  methods: Record<MethodId, Method>,
  ours: Ours,
  signal?: AbortSignal,
): Promise<AnalogyRecord> {
  const analogy = await drawAnalogy(plan.seed, index, plan.split);
  const candidates = await candidatesOf(analogy);
  const verdicts: Record<string, ReturnType<typeof judgeCells>> = {};
  const shown = plan.shown.includes(index);
  const pictures: Record<string, string> = shown ? examples(analogy) : {};
  for (const id of plan.methods) {
    signal?.throwIfAborted();
    const cells = await methods[id].cells(analogy, signal);
    verdicts[id] = judgeCells(analogy, candidates, cells);
    if (shown) {
      for (const { dial, picture } of cells) pictures[`${id} ${dial}`] = packPicture(picture);
    }
  }
  const suggested = ours.suggested();
  const withOurs = plan.methods.includes('ours');
  // Whole rounds of kinds, so that the round trip sees every kind.
  const round = Math.floor(index / KINDS.length);
  const measured = plan.roundTripEvery > 0 && (index + round) % plan.roundTripEvery === 0;
  return {
    ...describe(analogy),
    candidates: candidates.length,
    verdicts,
    ...(withOurs && { inversion: ours.cost() }),
    ...(withOurs && suggested !== undefined && { suggested: { ours: suggested } }),
    ...(withOurs &&
      measured && { roundTrip: await ours.roundTrip(analogy, plan.roundTripGuidances) }),
    ...(shown && { pictures }),
  };
}

function examples({ a, a2, b, truth }: Analogy): Record<string, string> {
  return {
    a: packPicture(a.picture),
    a2: packPicture(a2.picture),
    b: packPicture(b.picture),
    truth: packPicture(truth.picture),
  };
}
