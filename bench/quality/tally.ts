/** From the records of analogies to the numbers of the tables. */
import { KINDS } from './changes.ts';
import type { Dial } from './methods/method.ts';
import type { AnalogyRecord, CellRecord } from './record.ts';

export interface Share {
  readonly hits: number;
  readonly of: number;
}

export interface Score {
  /** Right at the method's one setting. */
  readonly atSetting: Share;
  /** Right in some cell of the grid. */
  readonly best: Share;
  /** Mean and median of "kept" at the one setting, dB; null without any. */
  readonly keptDb: number | null;
  readonly keptMedianDb: number | null;
  /** Mean share of the change made at the one setting. */
  readonly made: number | null;
}

/** Rows of the table: what they are called, and which analogies they are about. */
export interface Group {
  readonly title: string;
  readonly records: readonly AnalogyRecord[];
}

export function groupsOf(records: readonly AnalogyRecord[]): Group[] {
  const by = (title: string, wanted: (record: AnalogyRecord) => boolean): Group => ({
    title,
    records: records.filter(wanted),
  });
  return [
    ...KINDS.map((kind) => by(kind, (record) => record.change.kind === kind)),
    by('same style', (record) => !record.across),
    by('across styles', (record) => record.across),
    by('all', () => true),
  ].filter((group) => group.records.length > 0);
}

/**
 * The cells of a method in a record that may be chosen: not those of lambda = 0, which ask for no
 * change. (Where the autoencoder alone loses a thin pair of glasses, one can come out "right".)
 */
function cellsOf(record: AnalogyRecord, method: string): [Dial, CellRecord][] {
  const cells = Object.entries(record.verdicts[method] ?? {});
  return cells.filter(([dial]) => !/\blambda 0(,|$)/.test(dial));
}

export function score(records: readonly AnalogyRecord[], method: string, dial: Dial): Score {
  const judged = records.filter((record) => record.verdicts[method] !== undefined);
  const chosen = judged.flatMap((record) => record.verdicts[method]?.[dial] ?? []);
  return {
    ...scoreOfCells(chosen),
    best: {
      hits: judged.filter((r) => cellsOf(r, method).some(([, cell]) => cell.right)).length,
      of: judged.length,
    },
  };
}

function scoreOfCells(chosen: readonly CellRecord[]): Omit<Score, 'best'> {
  const kept = chosen.flatMap((cell) => cell.keptDb ?? []);
  return {
    atSetting: { hits: chosen.filter((cell) => cell.right).length, of: chosen.length },
    keptDb: mean(kept),
    keptMedianDb: median(kept),
    made: mean(chosen.map((cell) => cell.made)),
  };
}

/** What `Score` has, at the cell that the method itself would offer first; undefined where it offers none. */
export function suggestedScore(
  records: readonly AnalogyRecord[],
  method: string,
): Omit<Score, 'best'> | undefined {
  const cells = records.flatMap(({ verdicts, suggested }) => {
    const dial = suggested?.[method];
    return (dial !== undefined && verdicts[method]?.[dial]) || [];
  });
  return cells.length > 0 ? scoreOfCells(cells) : undefined;
}

/**
 * The single setting of a method that is right most often; of equals, the one that keeps more. For
 * baselines it is chosen on the very analogies it is reported for, which is in their favour.
 */
export function bestSetting(records: readonly AnalogyRecord[], method: string): Dial | undefined {
  const dials = [...new Set(records.flatMap((r) => cellsOf(r, method).map(([dial]) => dial)))];
  const scored = dials.map((dial) => ({ dial, ...score(records, method, dial) }));
  scored.sort((a, b) => b.atSetting.hits - a.atSetting.hits || (b.keptDb ?? 0) - (a.keptDb ?? 0));
  return scored[0]?.dial;
}

/** Wilson's 95 % interval of a share. */
export function interval({ hits, of }: Share): [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / of;
  const centre = p + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  const whole = 1 + z ** 2 / of;
  return [Math.max(0, (centre - reach) / whole), Math.min(1, (centre + reach) / whole)];
}

export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return ((low as number) + (high as number)) / 2;
}
