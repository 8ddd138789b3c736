/**
 * What becomes of every file of a folder that is sent in as a picture: `npm run bench:intake`.
 * One file after the other goes through the child process, as the engine sends them; counted are
 * outcomes, crashes, hangs, seconds, and the most memory that this process and any child held.
 */
import { loadConfig } from '../config/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { peakBytes } from '../src/engine/intake/child/process.ts';
import { openIntake } from '../src/engine/intake/index.ts';
import { progressLine } from './common/progress.ts';
import { parseIntakeArguments, usage } from './intake/arguments.ts';
import { filesOf, type Reading, reading, summary } from './intake/measure.ts';

const bench: Command = async (args, { env, stdout, signal }) => {
  const options = parseIntakeArguments(args);
  if (options === 'help') return void stdout.write(usage);
  const { folder, side, report } = options;
  const limits = loadConfig(env).intake;
  const outputs = await prepareOutputs({ files: report ? [report] : [], folders: [] });
  try {
    const names = await filesOf(folder);
    const readings: Reading[] = [];
    const intake = await openIntake(limits);
    // Twice, where a picture had not the child to itself the first time; and the start of each.
    const patience = 2 * limits.child.seconds + 60;
    const size = { width: side, height: side };
    const line = progressLine('intake, files', names.length, 0);
    const before = peakBytes(process.pid);
    const began = performance.now();
    try {
      for (const name of names) {
        readings.push(await reading(folder, name, { intake, limits, size, patience, signal }));
        line.update(readings.length);
      }
    } finally {
      line.stop();
      await intake.close();
    }
    const seconds = (performance.now() - began) / 1000;
    const { crashed, slow, memory, started, peakBytes: child } = intake.statistics();
    const { files, ...rest } = summary(readings);
    const figures = {
      files,
      crashes: crashed,
      ...rest,
      secondsOfAll: seconds,
      children: { started, crashed, slow, memory },
      megabytes: {
        parentBefore: inMegabytes(before),
        parent: inMegabytes(peakBytes(process.pid)),
        child: inMegabytes(child),
      },
      limits,
    };
    if (report) {
      const bytes = `${JSON.stringify({ ...figures, readings }, null, 2)}\n`;
      await outputs.write([{ path: report, bytes }]);
    }
    stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    if (crashed + figures.hangs + figures.unexpected.length > 0) process.exitCode = 1;
  } finally {
    await outputs.release();
  }
};

function inMegabytes(bytes: number | undefined): number | null {
  return bytes === undefined ? null : Math.round(bytes / 1e5) / 10;
}

await runCommand(bench);
