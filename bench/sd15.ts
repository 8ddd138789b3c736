/**
 * A model of Stable Diffusion 1.5's size: `npm run bench:sd15`. Every task runs in a process of its own,
 * on our side and on PyTorch's, with the same weights, inputs and threads.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { isLikewiseError } from '../src/errors.ts';
import { limits, parseSd15Arguments, type Sd15Arguments, usage } from './sd15/arguments.ts';
import { secondsToReady } from './sd15/engine.ts';
import { disagreements, type Part, relativeError, sideOf } from './sd15/figures.ts';
import { readValues } from './sd15/inputs.ts';
import { modelOf } from './sd15/model.ts';
import type { Measured, Prepared } from './sd15/orders.ts';
import type { Told } from './sd15/process.ts';
import { type Reference, startReference } from './sd15/reference.ts';
import { createSides, type Sides } from './sd15/sides.ts';
import { derived, partsTable } from './sd15/table.ts';
import { duration } from './speed/table.ts';

const sd15: Command = async (args, { env, stdout, stderr, signal }) => {
  const options = parseSd15Arguments(args, env);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const outputs = await prepareOutputs({ files: [options.report], folders: [] });
  const folder = mkdtempSync(join(tmpdir(), 'likewise-sd15-'));
  const say = (line: string) => void stderr.write(`${line}\n`);
  try {
    const model = resolve(
      await modelOf(options, signal, (line) => say(`making the model: ${line}`)),
    );
    const sides = createSides({ options, model, folder, signal, say });
    const prepared = await sides.prepare();
    const reference = options.reference ? startReference(options, prepared, say) : undefined;
    const layouts = reference && (await sides.chooseLayout(reference));
    const told = [about(options, model, prepared), ...remarks(options, prepared, reference)];
    stdout.write(`${told.join('\n')}\n\n`);

    const parts: Part[] = [];
    const failures: string[] = [];
    const failed = (reason: string) => {
      say(reason);
      failures.push(reason);
    };
    for (const part of options.only) {
      parts.push(await measure(part, sides, reference, { folder, failed }));
    }
    stdout.write(`${partsTable(parts, options)}\n`);
    const notes = new Set(parts.map((part) => part.reference?.note).filter(Boolean));
    for (const note of notes) stdout.write(`PyTorch: ${note}\n`);
    for (const line of derived(parts, options)) stdout.write(`${line}\n`);

    const ready: number[] = [];
    if (options.ours && options.only.includes('open')) {
      const { provider } = prepared;
      try {
        for (const again of [false, true]) {
          say(`npm run engine${again ? ', again' : ''}: starting`);
          ready.push(await secondsToReady({ ...options, model, provider }, folder, signal));
        }
        const [first = 0, again = 0] = ready;
        stdout.write(`npm run engine to ready: ${duration(first)}, again ${duration(again)}\n`);
      } catch (error) {
        if (isLikewiseError(error)) throw error;
        failed((error as Error).message);
      }
    }

    const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length };
    const { torch, device, half } = reference ?? {};
    const report = {
      machine,
      options: { ...options, model },
      prepared,
      reference: reference ? { torch, device, half, layouts } : null,
      parts,
      engineReadySeconds: ready,
      failures,
    };
    await outputs.write([{ path: options.report, bytes: `${JSON.stringify(report, null, 2)}\n` }]);
    stdout.write(`\n${options.report}\n`);
    const wrong = disagreements(parts, limits()[prepared.precision]);
    for (const line of wrong) say(`Wrong: ${line}.`);
    for (const line of failures) say(`Failed: ${line}`);
    if (wrong.length + failures.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await outputs.release();
  }
};

/** A side that fails costs its own figures only. */
async function measure(
  part: Part['part'],
  sides: Sides,
  reference: Reference | undefined,
  { folder, failed }: { folder: string; failed: (reason: string) => void },
): Promise<Part> {
  const task = part === 'open' ? 'unet' : part;
  const run = async (side: string, work: (out: string) => Promise<Told<Measured> | undefined>) => {
    const out = join(folder, `${part}-${side}`);
    mkdirSync(out);
    try {
      const told = await work(out);
      return told && { told, out };
    } catch (error) {
      if (isLikewiseError(error)) throw error; // an interrupt
      failed((error as Error).message);
      return undefined;
    }
  };
  const ours = await run('ours', (out) => sides.ours(task, out));
  const theirs =
    reference && (await run('PyTorch', (out) => sides.reference(reference, task, out)));
  return {
    part,
    ours: ours ? sideOf(ours.told) : null,
    reference: theirs ? sideOf(theirs.told) : null,
    apart: ours && theirs && part !== 'open' ? errorsOf(part, ours.out, theirs.out) : null,
  };
}

function errorsOf(part: Part['part'], ours: string, theirs: string): Record<string, number> {
  const names = part === 'render' ? ['pixels'] : ['loss', 'gradient'];
  const error = (name: string) => relativeError(readValues(ours, name), readValues(theirs, name));
  return Object.fromEntries(names.map((name) => [name, error(name)]));
}

function about({ threads, memory }: Sd15Arguments, model: string, prepared: Prepared): string {
  const { image, provider, precision } = prepared;
  const budget = memory === undefined ? '' : `, ${memory} MB`;
  return (
    `${model}, ${image.width} x ${image.height}; ${cpus()[0]?.model ?? 'CPU'}, ${threads} threads\n` +
    `ours: ${provider}, ${precision}${budget}`
  );
}

function remarks(
  { provider, reference: wanted }: Sd15Arguments,
  { provider: taken, tried }: Prepared,
  reference: Reference | undefined,
): string[] {
  const lines: string[] = [];
  if (reference) lines.push(`PyTorch: ${reference.description()}`);
  else if (wanted) lines.push('PyTorch: none');
  if (taken === 'cpu' && provider === 'auto') {
    const why = tried.map((one) => `${one.provider}: ${one.why}`).join('; ');
    lines.push(`No GPU was at hand${why && ` (${why})`}: these are the processor's figures.`);
  }
  return lines;
}

await runCommand(sd15);
