/** What the contact sheet shows: A, A', B, the truth, our grid, the baselines at their settings. */
import { type Dial, dialOf } from './methods/method.ts';
import type { Plan } from './plan.ts';
import type { AnalogyRecord } from './record.ts';
import { type SheetContent, type SheetRow, type Tile, unpackPicture } from './sheet.ts';
import type { Column } from './table.ts';

const side = 128;

export function contentOf(
  plan: Plan,
  records: readonly AnalogyRecord[],
  columns: readonly Column[],
): SheetContent {
  const grid = plan.lambdas.map((lambda) => dialOf({ lambda, guidance: plan.suggested.guidance }));
  const ours = plan.methods.includes('ours');
  const others = columns.filter(({ method }) => method !== 'ours');
  const shown: { method: string; dial: Dial }[] = [
    ...(ours ? grid.map((dial) => ({ method: 'ours', dial })) : []),
    ...others,
  ];
  const short = { upper: 'true captions', captions: 'img2img', pixels: 'pixels' };
  return {
    heading: 'Analogies that training never saw. A green frame: B′ is nearest to the true B′',
    size: { width: side, height: side },
    groups: [
      { title: 'analogy', columns: ['A', 'A′', 'B'] },
      { title: 'truth', columns: ['true B′'] },
      ...(ours
        ? [
            {
              title: `Likewise, σ ${plan.suggested.guidance}`,
              columns: plan.lambdas.map((l) => `λ ${l}`),
            },
          ]
        : []),
      ...(others.length > 0
        ? [
            {
              title: 'compared',
              columns: others.map(({ method }) => short[method as keyof typeof short]),
            },
          ]
        : []),
    ],
    rows: records.filter(({ pictures }) => pictures).map((record) => rowOf(record, shown)),
  };
}

function rowOf(record: AnalogyRecord, shown: readonly { method: string; dial: Dial }[]): SheetRow {
  const { change, across, verdicts, pictures = {}, captions } = record;
  const picture = (name: string) => unpackPicture(pictures[name] ?? '');
  const examples: Tile[] = ['a', 'a2', 'b', 'truth'].map((name) => ({ picture: picture(name) }));
  const judged = shown.map(({ method, dial }) => ({
    picture: picture(`${method} ${dial}`),
    right: verdicts[method]?.[dial]?.right ?? false,
  }));
  const styles = [captions[0], captions[2]].map((text) => text?.split(' ')[0] ?? '');
  return {
    title: `${change.from} → ${change.to}`,
    subtitle: across ? `${change.slot}, ${styles.join(' to ')}` : `${change.slot}, ${styles[0]}`,
    tiles: [...examples, ...judged],
  };
}
