import { fromModelPixels } from '../../../src/engine/intake/index.ts';
import { type FixedPointOptions, fixedPoint } from '../../../src/engine/inversion/fixed-point.ts';
import { drive } from '../../../src/engine/inversion/procedure.ts';
import type { DiffusionModel } from '../../../src/engine/models/index.ts';
import { type GuidanceMode, render } from '../../../src/engine/synthesis/index.ts';
import { captionFeatures, latentOf } from './features.ts';
import { dialOf, type Method } from './method.ts';

export interface UpperBoundOptions {
  readonly lambdas: readonly number[];
  readonly guidances: readonly number[];
  readonly mode: GuidanceMode;
  readonly noise: FixedPointOptions;
}

/**
 * What Eq. 1 could reach if Eq. 2 were solved perfectly: the features of the true captions, with
 * the noise of B found under its true caption. No baseline: it is told what the pictures show.
 */
export function trueFeatures(model: DiffusionModel, options: UpperBoundOptions): Method {
  const { lambdas, guidances, mode, noise } = options;
  const cells = guidances.flatMap((sigma) => lambdas.map((lambda) => ({ lambda, sigma })));
  return {
    id: 'upper',
    title: 'true captions + our noise',
    async cells({ a, a2, b }, signal) {
      const { cB, direction } = await captionFeatures(
        model,
        a.attributes,
        a2.attributes,
        b.attributes,
      );
      const z = await latentOf(model, b.picture);
      const found = await drive(fixedPoint(model, { z, c: cB }, noise), {
        ...(signal && { signal }),
      });
      const input = { noise: found.noise, c: cB, direction, cells };
      const pictures = await render(model, input, { mode, steps: noise.steps, signal });
      return pictures.map((pixels, i) => {
        const { lambda, sigma } = cells[i] as (typeof cells)[number];
        return {
          dial: dialOf({ lambda, guidance: sigma }),
          picture: fromModelPixels(pixels, model.image).rgb,
        };
      });
    },
  };
}
