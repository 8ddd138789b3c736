/**
 * Which dials and options do best: `npm run bench:tune`. The quality bench's machinery on the other
 * half of the held-out captions, so that what is chosen here is not chosen on what is reported.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/index.ts';
import { canonicalJson } from '../src/cache/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { modelHash } from '../src/engine/models/hash.ts';
import { progressLine } from './common/progress.ts';
import { runCrew } from './quality/crew.ts';
import { openJournal } from './quality/journal.ts';
import { settingsOf } from './quality/plan.ts';
import type { AnalogyRecord } from './quality/record.ts';
import { settingScores } from './quality/report.ts';
import { parseTuneArguments, usage } from './tune/arguments.ts';
import { dialTable, nameOfPlan, ranking, rowOf } from './tune/table.ts';

const tune: Command = async (args, { env, stdout, signal }) => {
  const parsed = parseTuneArguments(args, loadConfig(env));
  if (parsed === 'help') {
    stdout.write(usage);
    return;
  }
  const { plans, count, jobs, report } = parsed;
  const outputs = await prepareOutputs({ files: [report], folders: [] });
  try {
    const hash = await modelHash(plans[0]?.model ?? '');
    const results: { row: ReturnType<typeof rowOf>; settings: unknown }[] = [];
    for (const plan of plans) {
      const settings = settingsOf(plan, hash);
      const name = createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 16);
      const journal = openJournal<AnalogyRecord>(
        join(dirname(report), 'tune', `${name}.jsonl`),
        settings,
      );
      const done = new Set(journal.lines.map(({ index }) => index));
      const indices = Array.from({ length: count }, (_, i) => i).filter((i) => !done.has(i));
      let finished = count - indices.length;
      const line = progressLine(nameOfPlan(plan), count, finished);
      const onRecord = (record: AnalogyRecord) => {
        journal.append(record);
        line.update(++finished);
      };
      await runCrew({ plan, indices, jobs, signal, onRecord }).finally(() => line.stop());
      const records = journal.lines.filter(({ index }) => index < count);
      const row = rowOf(plan, records);
      results.push({ row, settings: settingScores(records) });
      stdout.write(`${row.name}, ${row.count} analogies\n${dialTable(plan, records)}\n\n`);
    }
    if (results.length > 1) stdout.write(`${ranking(results.map(({ row }) => row))}\n\n`);
    await outputs.write([{ path: report, bytes: `${JSON.stringify(results, null, 2)}\n` }]);
    stdout.write(`${report}\n`);
  } finally {
    await outputs.release();
  }
};

await runCommand(tune);
