import { loadConfig } from '../../../config/index.ts';
import { presets } from '../../engine/inversion/index.ts';
import { type DiffusionModel, loadModel } from '../../engine/models/index.ts';
import { chooseProvider, type ProviderChoice } from '../../engine/onnx/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { describeModel, type ModelDescription } from './describe.ts';
import { checkGradients, probe } from './gradients.ts';
import { measure, type Timings } from './measure.ts';
import { recommend, tripleSeconds } from './recommend.ts';
import { inMegabytes, inSeconds, readOptions, wrongUse } from './words.ts';

/** How far a gradient may be from finite differences, by how the weights are stored. */
const limits: Readonly<Record<string, number>> = { float16: 5e-2 };
const limitOfOthers = 1e-2;

/**
 * `model check DIR`: what it is, whether its gradients are right, how long it takes, what to set.
 * @throws LikewiseError `MODEL_UNUSABLE` and its kin; `MODEL_GRADIENT`
 */
export async function check(args: readonly string[], terminal: Terminal): Promise<void> {
  const { env, stdout, stderr, signal } = terminal;
  const { dir, directions, settings } = readArguments(args);
  const config = loadConfig({ ...env, ...settings });
  const described = describeModel(dir);
  const say = (line: string) => stdout.write(`${line}\n`);
  const doing = (what: string) => {
    if (stderr.isTTY) stderr.write(`… ${what}\n`);
  };

  doing('opening it');
  const began = performance.now();
  const choice = await chooseProvider(config.provider);
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const { memoryMegabytes, precision } = config;
  const options = { provider: choice.provider, memoryMegabytes, precision, warn };
  await using model = disposable(await loadModel(dir, options));
  const opened = (performance.now() - began) / 1000;
  for (const line of description(dir, described, model, choice)) say(line);

  doing('one evaluation of every part');
  const probed = await probe(model);
  doing('gradients against finite differences');
  const coarse = precision === 'float16' ? precision : described.precision;
  const limit = limits[coarse] ?? limitOfOthers;
  say('\ngradients, by finite differences:');
  for await (const { part, error } of checkGradients(model, probed, directions, signal)) {
    say(`  ${part}: ${percent(error)} off${error <= limit ? '' : ' (WRONG)'}`);
    if (error <= limit) continue;
    const details = { path: dir, part, error: percent(error), limit: percent(limit) };
    throw new LikewiseError('MODEL_GRADIENT', details);
  }

  doing('how long it takes');
  const timings = await measure(model, probed, presets[config.preset], signal);
  const cells = config.render.lambda.length * config.render.guidance.length;
  const triple = tripleSeconds(model, presets[config.preset], timings, cells);
  for (const line of times(opened, timings)) say(line);
  say(`  a cold triple and ${cells} pictures, preset ${config.preset}: about ${inSeconds(triple)}`);
  say(
    `  memory at most: ${inMegabytes(process.resourceUsage().maxRSS * 1024)} (of a GPU's: not seen)`,
  );

  for (const warning of warnings) say(`  ${warning}`);

  say('\nsettings:');
  say(`  LIKEWISE_MODEL=${dir}`);
  if (config.provider !== 'auto') say(`  LIKEWISE_PROVIDER=${config.provider}`);
  if (precision !== 'float32') say(`  LIKEWISE_PRECISION=${precision}`);
  if (memoryMegabytes !== 0) say(`  LIKEWISE_MEMORY_MEGABYTES=${memoryMegabytes}`);
  const advice = recommend(model, timings, config, presets);
  for (const { setting, why } of advice) say(`  ${setting}  # ${why}`);
  if (advice.length === 0) say('  all others can stay as they are');
}

function description(
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

function times(opened: number, timings: Timings): string[] {
  const { unet, tokenStep, batch, noiseGradient, steps } = timings;
  return [
    '\ntimes:',
    `  opening it: ${inSeconds(opened)}`,
    `  U-Net, one sample: ${inSeconds(unet)}`,
    `  one step of Eq. 2, ${batch} samples: ${inSeconds(tokenStep)}`,
    `  one gradient of Eq. 3, ${steps} sampler steps: ${inSeconds(noiseGradient)}`,
  ];
}

function readArguments(args: readonly string[]) {
  const { values, words } = readOptions(args, [
    'provider',
    'preset',
    'precision',
    'memory',
    'directions',
  ]);
  const [dir, extra] = words;
  if (dir === undefined) throw wrongUse('A folder is needed: the model to check');
  if (extra !== undefined) throw wrongUse(`"${extra}" is one too many: one model at a time`);
  const directions = Number(values.directions ?? 2);
  if (!Number.isInteger(directions) || directions < 1 || directions > 20) {
    throw wrongUse(`--directions takes a whole number from 1 to 20, not "${values.directions}"`);
  }
  // As settings, so that what they take is said in one place.
  const settings = {
    ...(values.provider !== undefined && { LIKEWISE_PROVIDER: values.provider }),
    ...(values.preset !== undefined && { LIKEWISE_PRESET: values.preset }),
    ...(values.precision !== undefined && { LIKEWISE_PRECISION: values.precision }),
    ...(values.memory !== undefined && { LIKEWISE_MEMORY_MEGABYTES: values.memory }),
  };
  return { dir, directions, settings };
}

function disposable(model: DiffusionModel): DiffusionModel & AsyncDisposable {
  return Object.assign(model, { [Symbol.asyncDispose]: () => model.close() });
}

/** 0.0012 -> `0.12 %`. */
function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : 'wholly';
}
