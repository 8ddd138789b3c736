import type { Config } from '../../../config/index.ts';
import { type Preset, type presets, tokensOptions } from '../../engine/inversion/index.ts';
import type { DiffusionModel } from '../../engine/models/index.ts';
import { type Half, halfLimit } from './half.ts';
import type { Timings } from './measure.ts';
import { inPercent, inSeconds } from './words.ts';

/** A setting that suits the model, and why. */
export interface Advice {
  /** As it is written in the environment. */
  setting: string;
  why: string;
}

/** Seconds that others' renders may have to wait for a piece of work. */
const patience = 2;
/** Analogies that a user should get out of a day. */
const analogiesADay = 10;
/** Seconds for which people wait for a picture and do not go away. */
const longWait = 300;
/** How many times as fast another precision has to be before it is advised. */
const clearly = 1.2;

/**
 * Seconds of device time of a cold triple: tokens of three pictures, the noise of the third, and
 * `cells` renders.
 * @param batch samples in the step that was timed: another batch costs in proportion
 */
export function tripleSeconds(
  model: Pick<DiffusionModel, 'predictTokens'>,
  preset: Preset,
  timings: Timings,
  cells: number,
): number {
  const { unet, decode, tokenStep, batch, noiseGradient, steps: timedSteps } = timings;
  const { steps, fixedPoint, noise } = preset;
  const tokens = tokensOptions(preset, model);
  const step = (tokenStep * tokens.batch) / batch;
  const measured = tokens.stop.every > 0 ? (tokens.stop.draws / tokens.stop.every) * unet : 0;
  const described = 3 * tokens.iterations * (step + measured);
  const fixed = fixedPoint ? steps * (1 + fixedPoint.iterations) * unet : 0;
  const refined = noise ? (noise.evaluations * noiseGradient * steps) / timedSteps : 0;
  return described + fixed + refined + cells * renderSeconds({ unet, decode }, steps);
}

/** Seconds of one B': each step looks at the picture with and without its text. */
export function renderSeconds({ unet, decode }: Pick<Timings, 'unet' | 'decode'>, steps: number) {
  return 2 * steps * unet + decode;
}

/**
 * What to set, by what was measured. Only what differs from the settings as they are is advised.
 * @param measured by the settings as they are
 * @param half the same model by float16, where it was tried
 */
export function recommend(
  model: Pick<DiffusionModel, 'predictTokens' | 'provider'>,
  measured: Timings,
  config: Config,
  known: typeof presets,
  half?: Half,
): Advice[] {
  const advice: Advice[] = [];
  const cells = config.render.lambda.length * config.render.guidance.length;
  const tripleBy = (by: Timings, name: Config['preset']) =>
    tripleSeconds(model, known[name], by, cells);
  let timings = measured;
  if (half && half.error <= halfLimit) {
    const single = tripleBy(measured, config.preset);
    const other = tripleBy(half.timings, config.preset);
    if (single >= clearly * other) {
      const seconds = `${inSeconds(other)}, by float32 ${inSeconds(single)}`;
      const why = `a cold triple takes about ${seconds}, and gradients are ${inPercent(half.error)} off`;
      advice.push({ setting: 'LIKEWISE_PRECISION=float16', why });
      // What else is advised is for what is advised.
      timings = half.timings;
    }
  }
  const triple = (name: Config['preset']) => tripleBy(timings, name);
  const preset = triple('paper') <= longWait ? config.preset : 'fast';
  const takes = triple(preset);
  if (preset !== config.preset) {
    const why = `a cold triple takes about ${round(takes)} s, by "paper" ${round(triple('paper'))} s`;
    advice.push({ setting: `LIKEWISE_PRESET=${preset}`, why });
  }
  if (takes > longWait && model.provider === 'cpu') {
    const why = `a cold triple takes about ${round(takes)} s on the processor; compare by check --provider webgpu`;
    advice.push({ setting: 'LIKEWISE_PROVIDER=webgpu (or cuda)', why });
  }
  const one = renderSeconds(timings, known[preset].steps);
  const batch = Math.min(25, Math.max(1, Math.floor(patience / one)));
  if (batch < config.render.batchCells) {
    const why = `one picture takes ${one.toFixed(1)} s, and others' wait meanwhile`;
    advice.push({ setting: `LIKEWISE_RENDER_BATCH_CELLS=${batch}`, why });
  }
  const { deviceSeconds } = config.jobs.user;
  const wanted = roundUp(takes * analogiesADay);
  if (deviceSeconds < wanted) {
    const why = `${deviceSeconds} s a day are ${Math.floor(deviceSeconds / takes)} cold triples`;
    advice.push({ setting: `LIKEWISE_JOBS_USER_DEVICE_SECONDS=${wanted}`, why });
    const tenant = wanted * 8;
    if (config.jobs.tenant.deviceSeconds < tenant) {
      const setting = `LIKEWISE_JOBS_TENANT_DEVICE_SECONDS=${tenant}`;
      advice.push({ setting, why: 'eight users of a tenant at their limit' });
    }
  }
  return advice;
}

const round = (seconds: number) => (seconds < 10 ? seconds.toFixed(1) : Math.round(seconds));

/** To two leading digits. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}
