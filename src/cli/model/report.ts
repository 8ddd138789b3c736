import type { DiffusionModel } from '../../engine/models/index.ts';
import type { ProviderChoice } from '../../engine/onnx/index.ts';
import type { ModelDescription } from './describe.ts';
import { type Half, halfLimit } from './half.ts';
import type { Timings } from './measure.ts';
import { inMegabytes, inPercent, inSeconds } from './words.ts';

/** What a model is, by its files and as it was opened. */
export function description(
  dir: string,
  what: ModelDescription,
  model: DiffusionModel,
  { tried }: ProviderChoice,
): string[] {
  const { image, latent, text, provider, precision } = model;
  return [
    `${dir}: ${what.kind}, ${inMegabytes(what.bytes)}${what.source ? ` (${what.source})` : ''}`,
    `  layout: ${what.exporter}, opset ${what.opset}, weights ${what.precision}`,
    `  predicts: ${what.prediction}; timestep: ${what.timestep}`,
    `  text: ${text.length} tokens of width ${text.tokenWidth}, features of width ${text.width}`,
    `  pictures: ${image.width} x ${image.height}, latents ${latent.channels} x ${latent.width} x ${latent.height}`,
    `  runs on: ${provider}`,
    ...tried.map((other) => `    not on ${other.provider}: ${other.why}`),
    `  computes in: ${precision}`,
  ];
}

/** @param opening seconds; @param triple a line, see `tripleLine` */
export function times(opening: number, timings: Timings, triple: string): string[] {
  const { unet, tokenStep, batch, noiseGradient, steps } = timings;
  return [
    `  opening it: ${inSeconds(opening)}`,
    `  U-Net, one sample: ${inSeconds(unet)}`,
    `  one step of Eq. 2, ${batch} samples: ${inSeconds(tokenStep)}`,
    `  one gradient of Eq. 3, ${steps} sampler steps: ${inSeconds(noiseGradient)}`,
    triple,
  ];
}

/** What a model is by float16 beside float32, or why it is nothing. */
export function halfLines(half: Half | string, triple: (timings: Timings) => string): string[] {
  if (typeof half === 'string') return ['', `float16 cannot be used here: ${half}`];
  const { opening, timings, error } = half;
  const verdict = error <= halfLimit ? '' : ` (${inPercent(halfLimit)} is allowed)`;
  return [
    '',
    'times by float16:',
    ...times(opening, timings, triple(timings)),
    `  gradients: ${inPercent(error)} off those by float32${verdict}`,
  ];
}

/** @param ofGpu bytes; undefined: not seen */
export function memoryLine(provider: string, ofGpu: number | undefined): string {
  const own = `  memory at most: ${inMegabytes(process.resourceUsage().maxRSS * 1024)}`;
  if (provider === 'cpu') return own;
  if (ofGpu !== undefined) return `${own}, and of the GPU's: ${inMegabytes(ofGpu)}`;
  return `${own} (of the GPU's: not seen, nvidia-smi is not there or does not tell)`;
}
