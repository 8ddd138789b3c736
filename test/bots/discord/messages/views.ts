import type { Button, Cell, ProgressView, ResultView } from '../../../../src/commands/port.ts';

/** Half past eight on the first of October 2026. */
export const now = Date.UTC(2026, 9, 1, 8, 30);

export function button(id: string, label = id, style: Button['style'] = 'plain'): Button {
  return { id, label, style };
}

export function cellsOf(count: number): Cell[] {
  return Array.from({ length: count }, (_, i) => ({
    lambda: i,
    guidance: 2,
    file: `j1.c${i}`,
    label: `strength ${i}, guidance 2`,
    pick: `pick~j1~${i}~2`,
  }));
}

/** As the commands give it for a grid of five. */
export function resultView(more: Partial<ResultView> = {}): ResultView {
  const cells = cellsOf(5);
  const picks = cells.map(({ pick, lambda }) => button(pick, `× ${lambda}`, 'primary'));
  return {
    kind: 'result',
    job: 'j1',
    analogy: 'y1',
    text: 'Strength 0, 1, 2, 3, 4 at guidance 2. Look at strength 2 first.',
    picture: 'j1.grid',
    pictureKind: 'grid',
    alt: 'A labelled grid.',
    cells,
    suggested: 2,
    remarks: [],
    spoiler: false,
    buttons: [
      picks,
      [
        button('weaker~j1', 'Weaker'),
        button('stronger~j1', 'Stronger'),
        button('finer~j1', 'Finer'),
      ],
      [button('name~j1', 'Name …'), button('original~j1', 'Download')],
    ],
    private: false,
    ...more,
  };
}

export function progressView(more: Partial<ProgressView> = {}): ProgressView {
  return {
    kind: 'progress',
    job: 'j1',
    text: 'Looking into B (finding its noise), step 12 of 40.',
    eta: { seconds: 30, text: 'about 30 s left' },
    fraction: 0.5,
    preview: 'preview.j1.3',
    remarks: ['B is animated: its first frame is used.'],
    buttons: [[button('cancel~j1', 'Cancel', 'danger')]],
    private: false,
    ...more,
  };
}
