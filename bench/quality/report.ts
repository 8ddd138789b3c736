/** Which settings a table shows, and the JSON report. */
import { type Dial, dialOf } from './methods/method.ts';
import type { MethodId, Plan } from './plan.ts';
import type { AnalogyRecord } from './record.ts';
import { type Column, costsOf, roundTripsOf } from './table.ts';
import { bestSetting, groupsOf, interval, score, suggestedScore } from './tally.ts';

const titles: Readonly<Record<MethodId, string>> = {
  ours: 'Likewise',
  upper: 'true captions, bound',
  captions: 'captions + img2img',
  pixels: 'pixel difference',
};

/** Our default setting; the baselines' best ones. */
export function columnsOf(plan: Plan, records: readonly AnalogyRecord[]): Column[] {
  return plan.methods.map((method) => {
    const ours = method === 'ours' || method === 'upper';
    const dial = ours ? dialOf({ ...plan.suggested }) : bestSetting(records, method);
    return { method, title: titles[method], dial: dial ?? '' };
  });
}

export function reportOf(plan: Plan, modelHash: string, records: readonly AnalogyRecord[]) {
  const columns = columnsOf(plan, records);
  const { cache: _cache, threads: _threads, shown: _shown, ...settings } = plan;
  return {
    ...settings,
    modelHash,
    count: records.length,
    columns: columns.map(({ method, title, dial }) => ({ method, title, setting: dial })),
    groups: groupsOf(records).map((group) => ({
      title: group.title,
      count: group.records.length,
      scores: Object.fromEntries(
        columns.map(({ method, dial }) => [method, scoreOf(group.records, method, dial)]),
      ),
    })),
    suggested: Object.fromEntries(
      columns.map(({ method }) => [method, suggestedScore(records, method)]),
    ),
    settings: settingScores(records),
    roundTrip: roundTripsOf(records),
    inversions: costsOf(records),
    mistakes: columns.slice(0, 1).flatMap(({ method, dial }) => mistakes(records, method, dial)),
    analogies: records.map(({ pictures: _pictures, ...record }) => record),
  };
}

function scoreOf(records: readonly AnalogyRecord[], method: string, dial: Dial) {
  const { atSetting, best, ...rest } = score(records, method, dial);
  const [low, high] = interval(atSetting);
  return {
    accuracy: atSetting.of ? atSetting.hits / atSetting.of : null,
    accuracyInterval95: [low, high],
    accuracyBestCell: best.of ? best.hits / best.of : null,
    ...rest,
  };
}

/** Every setting of every method over all analogies. */
export function settingScores(records: readonly AnalogyRecord[]) {
  const methods = [...new Set(records.flatMap(({ verdicts }) => Object.keys(verdicts)))];
  return methods.flatMap((method) => {
    const dials = [...new Set(records.flatMap((r) => Object.keys(r.verdicts[method] ?? {})))];
    return dials.map((dial) => ({ method, dial, ...scoreOf(records, method, dial) }));
  });
}

/** What wrong answers were nearest to, by kind of change. */
function mistakes(records: readonly AnalogyRecord[], method: string, dial: Dial) {
  return records.flatMap(({ index, change, across, verdicts }) => {
    const cell = verdicts[method]?.[dial];
    if (!cell || cell.right) return [];
    const { kind, from, to } = change;
    return [{ index, kind, from, to, across, nearest: cell.nearest, made: cell.made }];
  });
}
