/**
 * How long it takes: `npm run bench:speed`. Every task is measured on our side and on PyTorch's in
 * one run, in turns, on the same weights, inputs and threads, after both were found to agree.
 */
import { cpus } from 'node:os';
import { loadConfig } from '../config/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { toModelPixels } from '../src/engine/intake/index.ts';
import { type DiffusionModel, float32, loadModel } from '../src/engine/models/index.ts';
import { caption } from '../training/avatars/attributes.ts';
import { progressLine } from './common/progress.ts';
import { drawAnalogy } from './quality/analogies.ts';
import { parseSpeedArguments, type SpeedArguments, usage } from './speed/arguments.ts';
import { type Timing, timings } from './speed/compare.ts';
import { type Reference, startReference, whyAbsent } from './speed/reference.ts';
import { duration, inForwards, timingTable, tripleText } from './speed/table.ts';
import { type Workload, workloadOf } from './speed/tasks.ts';
import {
  evaluationsOf,
  extrapolated,
  referencePaperSeconds,
  runTriple,
  shortened,
  type TripleTiming,
} from './speed/triples.ts';

const speed: Command = async (args, { env, stdout, stderr, signal }) => {
  const options = parseSpeedArguments(args, loadConfig(env), env);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const outputs = await prepareOutputs({ files: [options.report], folders: [] });
  try {
    const absent = whyAbsent(options.python);
    if (absent) stderr.write(`PyTorch is skipped: ${absent}.\n`);
    const { measured, reference } = await measure(options, absent === undefined, signal);
    stdout.write(`${header(options, reference)}\n\n${timingTable(measured)}\n\n`);
    for (const { what, ours, reference: theirs } of inForwards(measured)) {
      const other = theirs === null ? '' : `; PyTorch's ${theirs.toFixed(2)}`;
      stdout.write(`forward and gradient, ${what}: ${ours.toFixed(2)} forwards${other}\n`);
    }
    const triples: TripleTiming[] = [];
    for (const preset of options.triples) {
      stderr.write(`a cold triple with ${preset} …\n`);
      const { model, threads, lambdas, sigma } = options;
      const fraction = preset === 'paper' ? options.paperFraction : 1;
      const overrides = shortened(preset, fraction);
      const order = { model, threads, lambdas, sigma, preset, overrides };
      const triple = extrapolated(preset, fraction, await runTriple(order, signal));
      triples.push(triple);
      stdout.write(`\n${tripleText(triple)}\n`);
    }
    const paper = referencePaperSeconds(measured);
    for (const line of comparisons(triples, paper)) stdout.write(`\n${line}\n`);
    const report = {
      machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, threads: options.threads },
      reference: reference && { ...reference },
      skipped: absent ?? null,
      tasks: measured,
      inForwards: inForwards(measured),
      triples: triples.map((t) => ({ ...t, unetEvaluations: evaluationsOf(t) })),
      referencePaperSeconds: paper,
    };
    await outputs.write([{ path: options.report, bytes: `${JSON.stringify(report, null, 2)}\n` }]);
    stdout.write(`\n${options.report}\n`);
  } finally {
    await outputs.release();
  }
};

type About = Pick<Reference, 'torch' | 'variant' | 'variants'>;

async function measure(
  options: SpeedArguments,
  compared: boolean,
  signal: AbortSignal,
): Promise<{ measured: Timing[]; reference: About | undefined }> {
  const model = await loadModel(options.model, { threads: options.threads });
  let reference: Reference | undefined;
  try {
    const { tasks, tensors } = await workload(model, options);
    if (compared) {
      const { python, model: dir, threads } = options;
      const factor = model.latent.scalingFactor;
      reference = await startReference({ python, model: dir, factor, threads, tensors, signal });
    }
    const line = progressLine('speed, rounds', options.runs, 0);
    const measured = await timings(tasks, reference, {
      runs: options.runs,
      signal,
      onRound: (round) => line.update(round),
    }).finally(() => line.stop());
    const { torch, variant, variants } = reference ?? {};
    const about = torch && variant && variants ? { torch, variant, variants } : undefined;
    return { measured, reference: about };
  } finally {
    reference?.close();
    await model.close();
  }
}

async function workload(model: DiffusionModel, options: SpeedArguments): Promise<Workload> {
  const { b } = await drawAnalogy(0, 0, 'validation');
  const pixels = toModelPixels({ rgb: b.picture, ...model.image });
  const picture = float32([1, 3, model.image.height, model.image.width], pixels);
  const cells = options.lambdas.map((lambda) => ({ lambda, sigma: options.sigma }));
  return workloadOf(model, picture, caption(b.attributes), cells);
}

function header({ threads, runs }: SpeedArguments, reference: About | undefined): string {
  const machine = `${cpus()[0]?.model ?? 'CPU'}, ${threads} threads, median of ${runs}`;
  return reference
    ? `${machine}; PyTorch ${reference.torch}, eager, ${reference.variant}`
    : machine;
}

function comparisons(triples: readonly TripleTiming[], reference: number | null): string[] {
  const lines: string[] = [];
  const [fast, paper] = ['fast', 'paper'].map((name) => triples.find((t) => t.preset === name));
  if (fast && paper) {
    const share = evaluationsOf(paper).all / evaluationsOf(fast).all;
    lines.push(`fast makes 1/${share.toFixed(0)} of paper's U-Net evaluations`);
  }
  if (reference !== null) {
    const beside = fast ? `: ${(reference / fast.total).toFixed(0)} times our fast` : '';
    lines.push(
      `PyTorch's paper, from its own measured steps, would take ${duration(reference)}${beside}`,
    );
  }
  return lines;
}

await runCommand(speed);
