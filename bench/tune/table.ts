/** What tuning shows: for each combination of options, every strength under every guidance. */
import { dialOf } from '../quality/methods/method.ts';
import type { Plan } from '../quality/plan.ts';
import type { AnalogyRecord } from '../quality/record.ts';
import { costsOf, decimal } from '../quality/table.ts';
import { bestSetting, score } from '../quality/tally.ts';

export function nameOfPlan({ mode, preset, overrides }: Plan): string {
  const changes = Object.entries(overrides).map(
    ([path, value]) => `${path}=${JSON.stringify(value)}`,
  );
  return [preset, mode, ...changes].join(' ');
}

/**
 * Share right, and dB kept, by strength (columns) and guidance (rows); `any` is the share with
 * some cell of the row right.
 */
export function dialTable(plan: Plan, records: readonly AnalogyRecord[]): string {
  const { lambdas, guidances } = plan;
  const wide = 13;
  const row = (title: string, cells: string[]) =>
    title.padEnd(8) + cells.map((cell) => cell.padStart(wide)).join('');
  const lines = guidances.map((guidance) => {
    const cells = lambdas.map((lambda) => {
      const { atSetting, keptDb } = score(records, 'ours', dialOf({ lambda, guidance }));
      return `${percent(atSetting)} ${decimal(keptDb)} dB`;
    });
    const some = records.filter((record) =>
      lambdas.some((lambda) => record.verdicts.ours?.[dialOf({ lambda, guidance })]?.right),
    );
    return row(`σ ${guidance}`, [...cells, percent({ hits: some.length, of: records.length })]);
  });
  return [row('', [...lambdas.map((lambda) => `λ ${lambda}`), 'any']), ...lines].join('\n');
}

/** One combination, with its best single cell. */
export function rowOf(plan: Plan, records: readonly AnalogyRecord[]) {
  const dial = bestSetting(records, 'ours') ?? '';
  const { atSetting, best, keptDb, made } = score(records, 'ours', dial);
  const { unetForward, unetVjp } = costsOf(records);
  return {
    name: nameOfPlan(plan),
    setting: dial,
    accuracy: atSetting.hits / Math.max(1, atSetting.of),
    accuracyAnyCell: best.hits / Math.max(1, best.of),
    keptDb,
    made,
    unetForward,
    unetVjp,
    count: records.length,
  };
}

export function ranking(rows: readonly ReturnType<typeof rowOf>[]): string {
  return rows
    .toSorted((a, b) => b.accuracy - a.accuracy || (b.keptDb ?? 0) - (a.keptDb ?? 0))
    .map(({ name, setting, accuracy, accuracyAnyCell, keptDb }) => {
      const [right, any] = [accuracy, accuracyAnyCell].map(
        (share) => `${Math.round(100 * share)} %`,
      );
      return `${right} (any cell ${any}), kept ${decimal(keptDb)} dB at ${setting}: ${name}`;
    })
    .join('\n');
}

function percent({ hits, of }: { hits: number; of: number }): string {
  return of === 0 ? '-' : `${Math.round((100 * hits) / of)} %`;
}
