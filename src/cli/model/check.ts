import { loadConfig } from '../../../config/index.ts';
import { presets } from '../../engine/inversion/index.ts';
import { type LoadOptions, loadModel } from '../../engine/models/index.ts';
import { type GpuWatch, watchGpu } from '../../engine/onnx/gpu-watch.ts';
import { chooseProvider } from '../../engine/onnx/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { describeModel } from './describe.ts';
import { checkGradients, gradientsOf, probe } from './gradients.ts';
import { tryHalf } from './half.ts';
import { measure, type Timings, timedOpening } from './measure.ts';
import { recommend, tripleSeconds } from './recommend.ts';
import { description, halfLines, memoryLine, times } from './report.ts';
import { inPercent, inSeconds, readOptions, wrongUse } from './words.ts';

/** How far a gradient may be from finite differences, by how the weights are stored. */
const limits: Readonly<Record<string, number>> = { float16: 5e-2 };
const limitOfOthers = 1e-2;

/** What computes; tests say otherwise. */
export interface CheckMeans {
  readonly choose: typeof chooseProvider;
  readonly load: typeof loadModel;
}

/**
 * `model check DIR`: what it is, whether its gradients are right, how long it takes, what to set.
 * @throws LikewiseError `MODEL_UNUSABLE` and its kin; `MODEL_GRADIENT`
 */
export async function check(
  args: readonly string[],
  terminal: Terminal,
  { choose, load }: CheckMeans = { choose: chooseProvider, load: loadModel },
): Promise<void> {
  const { env, stdout, stderr, signal } = terminal;
  const { dir, directions, settings } = readArguments(args);
  const config = loadConfig({ ...env, ...settings });
  const described = describeModel(dir);
  const say = (line: string) => void stdout.write(`${line}\n`);
  const doing = (what: string) => {
    if (stderr.isTTY) stderr.write(`… ${what}\n`);
  };

  doing('opening it');
  const choice = await choose(config.provider);
  const { provider } = choice;
  const { memoryMegabytes, precision } = config;
  const open = (more: LoadOptions) => load(dir, { provider, memoryMegabytes, ...more });
  const preset = presets[config.preset];
  const cells = config.render.lambda.length * config.render.guidance.length;
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  // What the card holds before the model is there does not count.
  await using watch = provider === 'cpu' ? undefined : await watchGpu();
  watch?.follow(process.pid);

  /** The model by the settings as they are. */
  const bySettings = async () => {
    await using opened = await timedOpening(() => open({ precision, warn }));
    const { model, seconds: opening } = opened;
    for (const line of description(dir, described, model, choice)) say(line);

    doing('one evaluation of every part');
    const probed = await probe(model);
    doing('gradients against finite differences');
    const coarse = precision === 'float16' ? precision : described.precision;
    const limit = limits[coarse] ?? limitOfOthers;
    say('\ngradients, by finite differences:');
    for await (const { part, error } of checkGradients(model, probed, directions, signal)) {
      say(`  ${part}: ${inPercent(error)} off${error <= limit ? '' : ' (WRONG)'}`);
      if (error <= limit) continue;
      const details = { path: dir, part, error: inPercent(error), limit: inPercent(limit) };
      throw new LikewiseError('MODEL_GRADIENT', details);
    }

    doing('how long it takes');
    const timings = await measure(model, probed, preset, signal);
    const ofGpu = await mostOf(watch);
    // On the processor float16 is there to save memory, not time.
    const compared = provider !== 'cpu' && precision === 'float32';
    const gradients = compared ? await gradientsOf(model, probed, signal) : undefined;
    return { model, opening, timings, ofGpu, single: gradients && { probed, gradients } };
  };
  const { model, opening, timings, ofGpu, single } = await bySettings();
  const triple = (by: Timings) => {
    const seconds = inSeconds(tripleSeconds(model, preset, by, cells));
    return `  a cold triple and ${cells} pictures, preset ${config.preset}: about ${seconds}`;
  };
  say('\ntimes:');
  for (const line of times(opening, timings, triple(timings))) say(line);
  say(memoryLine(provider, ofGpu));
  for (const warning of warnings) say(`  ${warning}`);

  if (single) doing('the same by float16');
  const half =
    single && (await tryHalf(() => open({ precision: 'float16' }), single, preset, signal));
  for (const line of half === undefined ? [] : halfLines(half, triple)) say(line);

  say('\nsettings:');
  say(`  LIKEWISE_MODEL=${dir}`);
  if (config.provider !== 'auto') say(`  LIKEWISE_PROVIDER=${config.provider}`);
  if (precision !== 'float32') say(`  LIKEWISE_PRECISION=${precision}`);
  if (memoryMegabytes !== 0) say(`  LIKEWISE_MEMORY_MEGABYTES=${memoryMegabytes}`);
  const tried = typeof half === 'string' ? undefined : half;
  const advice = recommend(model, timings, config, presets, tried);
  for (const { setting, why } of advice) say(`  ${setting}  # ${why}`);
  if (advice.length === 0) say('  all others can stay as they are');
}

/** Bytes that were seen at most, the model's own gradients included. */
async function mostOf(watch: GpuWatch | undefined): Promise<number | undefined> {
  await watch?.freeze();
  return watch?.stop();
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
