/**
 * How often B' is right: `npm run bench:quality`. What it measures, and by which rule, is told in
 * bench/README.md and quality/judge.ts.
 */
import { loadConfig } from '../config/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import { prepareOutputs } from '../src/cli/outputs.ts';
import { modelHash } from '../src/engine/models/hash.ts';
import { progressLine } from './common/progress.ts';
import { parseQualityArguments, usage } from './quality/arguments.ts';
import { contentOf } from './quality/contact.ts';
import { runCrew } from './quality/crew.ts';
import { openJournal } from './quality/journal.ts';
import { settingsOf } from './quality/plan.ts';
import type { AnalogyRecord } from './quality/record.ts';
import { columnsOf, reportOf } from './quality/report.ts';
import { drawSheet } from './quality/sheet.ts';
import { scoreTable, summary } from './quality/table.ts';

const quality: Command = async (args, { env, stdout, signal }) => {
  const parsed = parseQualityArguments(args, loadConfig(env));
  if (parsed === 'help') {
    stdout.write(usage);
    return;
  }
  const { plan, count, jobs, fresh, report, sheet } = parsed;
  const files = [report, ...(sheet ? [sheet] : [])];
  const outputs = await prepareOutputs({ files, folders: [] });
  try {
    const settings = settingsOf(plan, await modelHash(plan.model));
    const journalPath = `${report}l`;
    const journal = openJournal<AnalogyRecord>(journalPath, settings, { fresh });
    const done = new Set(journal.lines.map(({ index }) => index));
    const all = Array.from({ length: count }, (_, i) => i);
    const indices = all.filter((index) => !done.has(index));
    const line = progressLine('quality', count, count - indices.length);
    let hits = 0;
    let finished = count - indices.length;
    const [first] = columnsOf(plan, []);
    await runCrew({
      plan,
      indices,
      jobs,
      signal,
      onRecord(record) {
        journal.append(record);
        finished++;
        if (first && record.verdicts[first.method]?.[first.dial]?.right) hits++;
        line.update(finished, `right ${hits} of ${finished - (count - indices.length)}`);
      },
    }).finally(() => line.stop());
    const records = journal.lines.filter(({ index }) => index < count);
    const sorted = records.toSorted((a, b) => a.index - b.index);
    const columns = columnsOf(plan, sorted);
    const results = reportOf(plan, settings.modelHash, sorted);
    const json = `${JSON.stringify(results, null, 2)}\n`;
    const picture = sheet && (await drawSheet(contentOf(plan, sorted, columns)));
    await outputs.write([
      { path: report, bytes: json },
      ...(sheet && picture ? [{ path: sheet, bytes: picture }] : []),
    ]);
    stdout.write(`${scoreTable(sorted, columns)}\n\n${summary(sorted, columns)}\n`);
    stdout.write(`\n${files.join('\n')}\n`);
  } finally {
    await outputs.release();
  }
};

await runCommand(quality);
