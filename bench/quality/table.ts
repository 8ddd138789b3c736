/** The table of a quality run, as plain text. */
import type { Dial } from './methods/method.ts';
import type { AnalogyRecord } from './record.ts';
import { groupsOf, interval, mean, median, type Share, score, suggestedScore } from './tally.ts';

/** A method as a table shows it: at which of its settings. */
export interface Column {
  readonly method: string;
  readonly title: string;
  readonly dial: Dial;
}

const cellWidth = 7;
const headings = ['right', 'best', 'kept'];

/**
 * A row for each kind of change and each total; for every method, the share that is right at its
 * setting, the share that is right in some cell of its grid, and dB kept at its setting.
 */
export function scoreTable(records: readonly AnalogyRecord[], columns: readonly Column[]): string {
  const groups = groupsOf(records);
  const firstWidth = Math.max(...groups.map(({ title }) => title.length)) + 2;
  const blockWidth = cellWidth * headings.length;
  const line = (first: string, count: string, blocks: string[]) =>
    `${first.padEnd(firstWidth)}${count.padStart(4)}${blocks.map((block) => `  |${block}`).join('')}`;
  const rule = line(
    '',
    '',
    columns.map(() => '-'.repeat(blockWidth)),
  ).replaceAll(' ', '-');
  const rows = groups.map((group) =>
    line(
      group.title,
      String(group.records.length),
      columns.map(({ method, dial }) => {
        const { atSetting, best, keptDb } = score(group.records, method, dial);
        return [percent(atSetting), percent(best), decimal(keptDb)].map(pad).join('');
      }),
    ),
  );
  const totals = groups.findIndex(
    ({ title }) => title === 'same style' || title === 'across styles',
  );
  if (totals > 0) rows.splice(totals, 0, rule);
  return [
    line(
      '',
      '',
      columns.map(({ title }) => ` ${title}`.padEnd(blockWidth)),
    ),
    line(
      '',
      '',
      columns.map(({ dial }) => ` ${brief(dial)}`.padEnd(blockWidth)),
    ),
    line(
      'change',
      'n',
      columns.map(() => headings.map(pad).join('')),
    ),
    rule,
    ...rows,
  ].join('\n');
}

/** The sentences under the table. */
export function summary(records: readonly AnalogyRecord[], columns: readonly Column[]): string {
  const lines = columns.map(({ method, title, dial }) => {
    const { atSetting, best, keptDb, keptMedianDb, made } = score(records, method, dial);
    const [low, high] = interval(atSetting);
    return (
      `${title} (${dial}): ${percent(atSetting)} right (95 % interval ${whole(low)} to ${whole(high)}), ` +
      `${percent(best)} with the best cell; kept ${decimal(keptDb)} dB (median ${decimal(keptMedianDb)}); ` +
      `${made === null ? '-' : whole(made)} of the change made`
    );
  });
  const suggested = columns.flatMap((column) => suggestion(records, column));
  return [...lines, ...suggested, ...roundTrips(records), ...costs(records)].join('\n');
}

function suggestion(records: readonly AnalogyRecord[], { method, title }: Column): string[] {
  const found = suggestedScore(records, method);
  if (!found) return [];
  const { atSetting, keptDb, keptMedianDb, made } = found;
  const [low, high] = interval(atSetting);
  return [
    `${title} (suggested strength): ${percent(atSetting)} right (95 % interval ${whole(low)} to ` +
      `${whole(high)}) of ${atSetting.of}; kept ${decimal(keptDb)} dB (median ` +
      `${decimal(keptMedianDb)}); ${made === null ? '-' : whole(made)} of the change made`,
  ];
}

/** lambda = 0 against the autoencoder alone. */
export function roundTripsOf(records: readonly AnalogyRecord[]) {
  const trips = records.flatMap((record) => record.roundTrip ?? []);
  const sigmas = [...new Set(trips.flatMap((trip) => Object.keys(trip.lambdaZeroDb)))];
  return {
    count: trips.length,
    autoencoderDb: mean(trips.map((trip) => trip.autoencoderDb)),
    lambdaZeroDb: Object.fromEntries(
      sigmas.map((s) => [s, mean(trips.flatMap((trip) => trip.lambdaZeroDb[s] ?? []))]),
    ),
    worstLossDb:
      trips.length === 0
        ? null
        : Math.max(
            ...trips.map((t) => t.autoencoderDb - Math.min(...Object.values(t.lambdaZeroDb))),
          ),
  };
}

function roundTrips(records: readonly AnalogyRecord[]): string[] {
  const { count, autoencoderDb, lambdaZeroDb, worstLossDb } = roundTripsOf(records);
  if (count === 0) return [];
  const each = Object.entries(lambdaZeroDb).map(
    ([sigma, db]) => `${decimal(db, 2)} at sigma ${sigma}`,
  );
  return [
    `lambda = 0 on ${count} of B: autoencoder ${decimal(autoencoderDb, 2)} dB; round trip ${each.join(', ')}; ` +
      `at worst ${decimal(worstLossDb, 2)} dB below the autoencoder`,
  ];
}

/** What the three inversions of an analogy cost, of those that were not in the cache. */
export function costsOf(records: readonly AnalogyRecord[]) {
  const cold = records.flatMap((r) => (r.inversion && !r.inversion.cached ? [r.inversion] : []));
  return {
    count: cold.length,
    unetForward: mean(cold.map((cost) => cost.unetForward)),
    unetVjp: mean(cold.map((cost) => cost.unetVjp)),
    medianSeconds: median(cold.map((cost) => cost.seconds)),
  };
}

function costs(records: readonly AnalogyRecord[]): string[] {
  const { count, unetForward, unetVjp, medianSeconds } = costsOf(records);
  if (count === 0) return [];
  return [
    `inversions of ${count} analogies: on average ${decimal(unetForward, 0)} U-Net forwards and ` +
      `${decimal(unetVjp, 0)} forwards with gradient, median ${decimal(medianSeconds)} s`,
  ];
}

function percent({ hits, of }: Share): string {
  return of === 0 ? '-' : whole(hits / of);
}

function whole(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function decimal(value: number | null, digits = 1): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** A setting in the width of a column: `strength 0.4, lambda 1` -> `strength 0.4, λ 1`. */
function brief(dial: Dial): string {
  return dial.replace('lambda', 'λ').replace('guidance', 'σ');
}

function pad(text: string): string {
  return text.padStart(cellWidth);
}
