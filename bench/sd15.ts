/**
 * A model of Stable Diffusion 1.5's size: `npm run bench:sd15`. Every task runs in a process of its own,
 * on our side and on PyTorch's, with the same weights, inputs and threads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { firstCard } from '../src/engine/onnx/gpu-watch.ts';
import { gpuMegabytes } from '../src/engine/onnx/index.ts';
import { defaultRuns, limits, parseSd15Arguments, usage } from './sd15/arguments.ts';
import { secondsToReady } from './sd15/engine.ts';
import { disagreements, lateStart, type Part } from './sd15/figures.ts';
import { forecast, processesOf } from './sd15/forecast.ts';
import { measure, orFailed } from './sd15/measure.ts';
import { modelOf } from './sd15/model.ts';
import { providerOf, roundsToTf32 } from './sd15/provider.ts';
import { type Reference, startReference } from './sd15/reference.ts';
import { createSides } from './sd15/sides.ts';
import { about, derived, partsTable } from './sd15/table.ts';
import { duration } from './speed/table.ts';

const sd15: Command = async (args, { env, stdout, stderr, signal }) => {
  const parsed = parseSd15Arguments(args, env);
  if (parsed === 'help') {
    stdout.write(usage);
    return;
  }
  const outputs = await prepareOutputs({ files: [parsed.report], folders: [] });
  const folder = mkdtempSync(join(tmpdir(), 'likewise-sd15-'));
  const say = (line: string) => void stderr.write(`${line}\n`);
  const failures: string[] = [];
  const failed = (reason: string) => {
    say(reason);
    failures.push(reason);
  };
  try {
    // What may be missing is found out before anything takes long.
    const { provider, tried } = await providerOf(parsed.provider);
    const { precision = 'float32' } = parsed;
    const options = { ...parsed, runs: parsed.runs ?? defaultRuns(provider) };
    const tf32 = roundsToTf32({ provider, precision }, env);
    // Alone, PyTorch is measured as it would be beside CUDA.
    const tf32Beside = options.ours ? tf32 : roundsToTf32({ provider: 'cuda', precision }, env);
    let reference = options.reference
      ? startReference(options, { provider, precision, tf32: tf32Beside }, say)
      : undefined;
    const plan = { ...options, provider, device: reference?.device, exact: tf32 };
    say(forecast(plan));
    const model = resolve(
      await modelOf(options, signal, (line) => say(`making the model: ${line}`)),
    );
    const processes = processesOf(plan);
    const sides = createSides({ options, provider, tf32, processes, model, folder, signal, say });
    const prepared = await orFailed(() => sides.prepare(), failed);
    if (!prepared) {
      // Neither side can go on without what both compute with.
      process.exitCode = 1;
      return;
    }
    const layouts =
      reference && (await orFailed(() => sides.chooseLayout(reference as Reference), failed));
    if (!layouts) reference = undefined;
    const card = provider === 'cpu' ? undefined : await firstCard(env.CUDA_VISIBLE_DEVICES);
    const total = provider === 'cpu' ? undefined : gpuMegabytes();
    const both = { options, model, prepared, tf32, tried, card, total, reference };
    stdout.write(`${about(both).join('\n')}\n\n`);

    const parts: Part[] = [];
    for (const part of options.only) {
      parts.push(await measure(part, sides, reference, { folder, failed, say }));
    }
    stdout.write(`${partsTable(parts, options)}\n`);
    const notes = new Set(parts.map((part) => part.reference?.note).filter(Boolean));
    for (const note of notes) stdout.write(`PyTorch: ${note}\n`);
    for (const line of derived(parts, options)) stdout.write(`${line}\n`);

    const ready: number[] = [];
    if (options.ours && options.only.includes('open')) {
      const start = async () => {
        for (const again of [false, true]) {
          say(`the engine${again ? ', again' : ''}: starting`);
          ready.push(await secondsToReady({ ...options, model, provider }, folder, signal));
        }
        const [first = 0, again = 0] = ready;
        stdout.write(`the engine, to ready: ${duration(first)}, again ${duration(again)}\n`);
      };
      await orFailed(start, failed);
    }

    const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length };
    const { torch, device, half } = reference ?? {};
    const report = {
      machine: { ...machine, gpu: card ?? null },
      options: { ...options, model },
      prepared: { ...prepared, tf32, tried },
      reference: reference ? { torch, device, half, tf32: reference.tf32, layouts } : null,
      parts,
      engineReadySeconds: ready,
      failures,
    };
    await outputs.write([{ path: options.report, bytes: `${JSON.stringify(report, null, 2)}\n` }]);
    stdout.write(`\n${options.report}\n`);
    const wrong = [
      ...disagreements(parts, limits()[prepared.precision]),
      ...lateStart(ready, prepared.image),
    ];
    for (const line of wrong) say(`Wrong: ${line}.`);
    for (const line of failures) say(`Failed: ${line}`);
    if (wrong.length + failures.length > 0) process.exitCode = 1;
  } finally {
    // On Windows a file may be held for a moment by what has just ended.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    await outputs.release();
  }
};

await runCommand(sd15);
