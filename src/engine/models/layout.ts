import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { isUnfinished, readRecord, stagingOf } from '../hub/staging.ts';
import { readConfig } from './config-file.ts';
import type { NoiseSchedule } from './schedule.ts';
import { readScheduler } from './scheduler.ts';
import { hasTokenizer } from './tokenizer.ts';
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
  /** What the U-Net takes and predicts by unet/config.json, where that says it. */
  unetChannels: { in: number | undefined; out: number | undefined };
  /** Pixels a latent stands for, along a side, by vae_decoder/config.json. */
  vaeFactor: number | undefined;
}

const vaeSchema = z.object({
  scaling_factor: z.number().positive().optional(),
  shift_factor: z.number().nullish(),
  block_out_channels: z.array(z.number()).optional(),
});

const unetSchema = z.object({
  sample_size: z.union([z.number().int().positive(), z.null()]).optional(),
  in_channels: z.number().int().positive().nullish(),
  out_channels: z.number().int().positive().nullish(),
});

/**
 * Checks that a folder is a model in diffusers' ONNX layout and reads its settings; opens no graph.
 * @throws LikewiseError `MODEL_UNUSABLE`, naming everything that is missing or not supported
 */
export function readLayout(dir: string): Layout {
  const pulling = unfinishedPull(dir);
  if (pulling) throw unusable(dir, pulling);
  if (!existsSync(dir)) throw unusable(dir, 'there is no such folder');
  if (!statSync(dir).isDirectory()) throw unusable(dir, 'it is a file, not a folder');
  refuseOthers(dir);
  const missing = [
    ...requiredParts.map((part) => `${part}/model.onnx`),
    'scheduler/scheduler_config.json',
  ].filter((name) => !existsSync(join(dir, name)));
  if (!hasTokenizer(dir)) missing.push('tokenizer/vocab.json and tokenizer/merges.txt');
  if (missing.length > 0) throw unusable(dir, `it lacks ${missing.join(', ')}${remedy(dir)}`);

  const decoder = readConfig(dir, 'vae_decoder/config.json', vaeSchema);
  const encoder = readConfig(dir, 'vae_encoder/config.json', vaeSchema);
  const unet = readConfig(dir, 'unet/config.json', unetSchema);
  if (decoder.shift_factor) {
    throw unusable(
      dir,
      'its autoencoder has a shift_factor, as Stable Diffusion 3 and Flux have: use a model of ' +
        'Stable Diffusion 1 or 2',
    );
  }
  const blocks = decoder.block_out_channels ?? encoder.block_out_channels;
  return {
    dir,
    graph: (part) => join(dir, part, 'model.onnx'),
    hasTokenEncoder: existsSync(join(dir, 'token_encoder/model.onnx')),
    schedule: readScheduler(dir),
    scalingFactor: decoder.scaling_factor ?? encoder.scaling_factor ?? defaultScalingFactor,
    sampleSize: unet.sample_size ?? undefined,
    vaeFactor: blocks && 2 ** (blocks.length - 1),
    unetChannels: { in: unet.in_channels ?? undefined, out: unet.out_channels ?? undefined },
  };
}

/** Models of other makes, by what their folders have and this make's have not. */
const others = [
  { has: 'text_encoder_2', what: 'it has two text encoders, as SDXL has' },
  { has: 'text_encoder_3', what: 'it has three text encoders, as Stable Diffusion 3 has' },
  {
    has: 'transformer',
    what: 'it has a transformer for a U-Net, as Stable Diffusion 3 and Flux have',
  },
  { has: 'prior', what: 'it is of several stages, as Kandinsky and Cascade are' },
  { has: 'image_encoder', what: 'it is conditioned on pictures, as models of video are' },
];

function refuseOthers(dir: string): void {
  // Stable Diffusion 3 has all of the first three: the last that applies says most.
  const found = others.filter(({ has }) => existsSync(join(dir, has)));
  const other = found.find(({ has }) => has === 'transformer') ?? found[0];
  if (other) {
    throw unusable(
      dir,
      `${other.what}: use a model of Stable Diffusion 1 or 2, or a fine-tune of one`,
    );
  }
}

/** What to do about a folder without graphs, where it says what it is instead. */
function remedy(dir: string): string {
  const graphs = requiredParts.filter((part) => existsSync(join(dir, part, 'model.onnx')));
  const files = ['unet', 'vae', 'text_encoder'].flatMap((part) => {
    const path = join(dir, part);
    return existsSync(path) && statSync(path).isDirectory() ? readdirSync(path) : [];
  });
  if (graphs.length === 0 && files.some((name) => /\.(?:safetensors|bin)$/.test(name))) {
    return ': it has weights for PyTorch, export it to ONNX first (docs/models.md says how)';
  }
  if (graphs.length === 3 && !graphs.includes('vae_encoder')) {
    return ': without it no picture can be read, export it again with a newer exporter';
  }
  return '';
}

/** How to go on with a pull that was broken off before the folder was there. */
function unfinishedPull(dir: string): string | undefined {
  const out = resolve(dir);
  const inside = isUnfinished(out);
  const folder = inside ? out : stagingOf(out).folder;
  if (!inside && (existsSync(out) || !isUnfinished(folder))) return undefined;
  const { repo = 'OWNER/NAME', revision = 'main' } = readRecord(folder) ?? {};
  const place = inside ? dir.replace(/\.partial\/*$/, '') : dir;
  const command = [
    `npm run model -- pull ${repo}`,
    ...(revision === 'main' ? [] : [`--revision ${revision}`]),
    ...(basename(place) === repo.replace('/', '--') ? [] : [`--out ${place}`]),
  ].join(' ');
  return `it is an unfinished pull; ${command} goes on with it`;
}
