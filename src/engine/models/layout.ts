import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type NoiseSchedule, noiseSchedule } from './schedule.ts';
import { unusable } from './unusable.ts';

/** Parts of a model folder that have a graph, `model.onnx`. */
export const requiredParts = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'] as const;
export type Part = (typeof requiredParts)[number] | 'token_encoder';

/** Stable Diffusion 1's latent scale, for folders without `vae_decoder/config.json`. */
const defaultScalingFactor = 0.18215;

export interface Layout {
  dir: string;
  graph(part: Part): string;
  hasTokenEncoder: boolean;
  schedule: NoiseSchedule;
  scalingFactor: number;
  /** Latent height and width by unet/config.json, where there is one. */
  sampleSize: number | undefined;
  /** Pixels a latent stands for, along a side, by vae_decoder/config.json. */
  vaeFactor: number | undefined;
}

// clip_sample is left out on purpose: Stable Diffusion's pipelines never clip, whatever it says.
const schedulerSchema = z.object({
  _class_name: z.string().optional(),
  beta_start: z.number().positive().default(0.00085),
  beta_end: z.number().positive().default(0.012),
  beta_schedule: z.string().default('scaled_linear'),
  num_train_timesteps: z.number().int().positive().default(1000),
  prediction_type: z.string().default('epsilon'),
  steps_offset: z.number().int().nonnegative().default(0),
  set_alpha_to_one: z.boolean().default(true),
  trained_betas: z.array(z.number()).nullish(),
  rescale_betas_zero_snr: z.boolean().nullish(),
});

const vaeSchema = z.object({
  scaling_factor: z.number().positive().optional(),
  shift_factor: z.number().nullish(),
  block_out_channels: z.array(z.number()).optional(),
});

const unetSchema = z.object({
  sample_size: z.union([z.number().int().positive(), z.null()]).optional(),
});

/**
 * Checks that a folder is a model in diffusers' ONNX layout and reads its settings; opens no graph.
 * @throws LikewiseError `MODEL_UNUSABLE`, naming everything that is missing or not supported
 */
export function readLayout(dir: string): Layout {
  if (!existsSync(dir)) throw unusable(dir, 'there is no such folder');
  if (!statSync(dir).isDirectory()) throw unusable(dir, 'it is a file, not a folder');
  const needed = [
    ...requiredParts.map((part) => `${part}/model.onnx`),
    'tokenizer/vocab.json',
    'tokenizer/merges.txt',
    'scheduler/scheduler_config.json',
  ];
  const missing = needed.filter((name) => !existsSync(join(dir, name)));
  if (missing.length > 0) throw unusable(dir, `it lacks ${missing.join(', ')}`);
  if (existsSync(join(dir, 'text_encoder_2'))) {
    throw unusable(
      dir,
      'it has two text encoders (SDXL), and only Stable Diffusion 1 and 2 are supported',
    );
  }

  const decoder = readConfig(dir, 'vae_decoder/config.json', vaeSchema);
  const encoder = readConfig(dir, 'vae_encoder/config.json', vaeSchema);
  const unet = readConfig(dir, 'unet/config.json', unetSchema);
  if (decoder.shift_factor)
    throw unusable(dir, 'its autoencoder has a shift_factor, which is not supported');
  const blocks = decoder.block_out_channels ?? encoder.block_out_channels;
  return {
    dir,
    graph: (part) => join(dir, part, 'model.onnx'),
    hasTokenEncoder: existsSync(join(dir, 'token_encoder/model.onnx')),
    schedule: readSchedule(dir),
    scalingFactor: decoder.scaling_factor ?? encoder.scaling_factor ?? defaultScalingFactor,
    sampleSize: unet.sample_size ?? undefined,
    vaeFactor: blocks && 2 ** (blocks.length - 1),
  };
}

function readSchedule(dir: string): NoiseSchedule {
  const name = 'scheduler/scheduler_config.json';
  const config = readConfig(dir, name, schedulerSchema);
  const refuse = (what: string) => unusable(dir, `${name}: ${what} is not supported`);
  const { beta_schedule: betaSchedule, prediction_type: prediction } = config;
  if (betaSchedule !== 'linear' && betaSchedule !== 'scaled_linear') {
    throw refuse(`beta_schedule "${betaSchedule}" (only linear and scaled_linear)`);
  }
  if (prediction !== 'epsilon' && prediction !== 'v_prediction') {
    throw refuse(`prediction_type "${prediction}" (only epsilon and v_prediction)`);
  }
  if (config.trained_betas) throw refuse('trained_betas');
  if (config.rescale_betas_zero_snr) throw refuse('rescale_betas_zero_snr');
  if (config._class_name?.startsWith('Flow')) throw refuse(`${config._class_name} (flow matching)`);
  return noiseSchedule({
    trainSteps: config.num_train_timesteps,
    betaStart: config.beta_start,
    betaEnd: config.beta_end,
    betaSchedule,
    prediction,
    stepsOffset: config.steps_offset,
    setAlphaToOne: config.set_alpha_to_one,
  });
}

/** A part's settings; `{}` where the file is absent, which only some exporters write. */
function readConfig<T>(dir: string, name: string, schema: z.ZodType<T>): T {
  const path = join(dir, name);
  let raw: unknown = {};
  if (existsSync(path)) {
    try {
      raw = JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw unusable(dir, `${name} is no JSON`, cause);
    }
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unusable(dir, `${name}: ${issue?.path.join('.')}: ${issue?.message}`, parsed.error);
}
