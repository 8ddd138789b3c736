import { z } from 'zod';
import { readConfig } from './config-file.ts';
import { betaSchedules, type NoiseSchedule, noiseSchedule } from './schedule.ts';
import { unusable } from './unusable.ts';

const name = 'scheduler/scheduler_config.json';

// clip_sample and thresholding are left out on purpose: Stable Diffusion's pipelines never clip,
// whatever they say. So is timestep_spacing, which is about the sampler's grid: ours is `leading` for all
// models, for what is kept of pictures was found on it. Most models are trained at every timestep and do
// not mind; those distilled to few (SD-Turbo) are asked at others, see docs/models.md.
const schema = z.object({
  _class_name: z.string().optional(),
  beta_start: z.number().positive().default(0.00085),
  beta_end: z.number().positive().default(0.012),
  beta_schedule: z.string().default('scaled_linear'),
  num_train_timesteps: z.number().int().positive().default(1000),
  prediction_type: z.string().default('epsilon'),
  steps_offset: z.number().int().nonnegative().default(0),
  set_alpha_to_one: z.boolean().optional(),
  trained_betas: z.array(z.number().min(0).max(1)).nullish(),
  rescale_betas_zero_snr: z.boolean().nullish(),
});

/**
 * The noise schedule that a model was trained with.
 * @throws LikewiseError `MODEL_UNUSABLE` for one that is not supported, saying which are
 */
export function readScheduler(dir: string): NoiseSchedule {
  const config = readConfig(dir, name, schema);
  const refuse = (what: string, instead: string) => unusable(dir, `${name}: ${what}: ${instead}`);
  const className = config._class_name ?? '';
  if (/^Flow|FlowMatch/.test(className)) {
    throw refuse(
      `${className} is of flow matching, which is not supported`,
      'use a model of Stable Diffusion 1 or 2',
    );
  }
  if (className.startsWith('EDM')) {
    throw refuse(
      `${className} scales what goes into the U-Net, which is not supported`,
      'use a model of Stable Diffusion 1 or 2',
    );
  }
  const { prediction_type: prediction } = config;
  if (prediction !== 'epsilon' && prediction !== 'v_prediction') {
    throw refuse(
      `prediction_type "${prediction}" is not supported`,
      'use a model of epsilon or v_prediction; do not change the setting, the model was trained for it',
    );
  }
  const betaSchedule = betaSchedules.find((one) => one === config.beta_schedule);
  if (!betaSchedule && !config.trained_betas) {
    throw refuse(
      `beta_schedule "${config.beta_schedule}" is not supported`,
      `use a model of ${betaSchedules.join(', ')}, or write its betas into trained_betas`,
    );
  }
  try {
    return noiseSchedule({
      trainSteps: config.num_train_timesteps,
      betaStart: config.beta_start,
      betaEnd: config.beta_end,
      betaSchedule: betaSchedule ?? 'linear',
      trainedBetas: config.trained_betas ?? undefined,
      zeroTerminalSnr: config.rescale_betas_zero_snr ?? false,
      prediction,
      stepsOffset: config.steps_offset,
      // What diffusers' schedulers take where their settings do not say.
      setAlphaToOne: config.set_alpha_to_one ?? !className.startsWith('PNDM'),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refuse(error.message, "use the model's own settings, as it was published");
  }
}
