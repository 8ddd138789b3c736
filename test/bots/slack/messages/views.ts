import { refinable, resultButtons } from '../../../../src/commands/buttons.ts';
import type { Button, Cell, ProgressView, ResultView } from '../../../../src/commands/port.ts';
import { textsFor } from '../../../../src/commands/texts/index.ts';

/** Half past eight on the first of October 2026. */
export const now = Date.UTC(2026, 9, 1, 8, 30);

export function button(id: string, label = id, style: Button['style'] = 'plain'): Button {
  return { id, label, style };
}

export function cellsOf(lambdas: readonly number[]): Cell[] {
  return lambdas.map((lambda, i) => ({
    lambda,
    guidance: 2,
    file: `j1.c${i}`,
    label: `strength ${lambda}, guidance 2`,
    pick: `pick~j1~${lambda}~2`,
  }));
}

/** As the commands give it for a grid, with all of its buttons. */
export function resultView(more: Partial<ResultView> = {}, parent?: string): ResultView {
  const cells = more.cells ?? cellsOf([0, 0.5, 1, 1.5, 2]);
  const pictureKind = more.pictureKind ?? 'grid';
  const dials = { lambda: cells.map(({ lambda }) => lambda), guidance: [2] };
  const buttons = resultButtons(textsFor('en'), {
    job: 'j1',
    cells,
    place: undefined,
    parent,
    hasGrid: false,
    refinable: refinable(dials, undefined, 50),
    pictureKind,
  });
  return {
    kind: 'result',
    job: 'j1',
    analogy: 'y1',
    text: 'Strength 0, 0.5, 1, 1.5, 2 at guidance 2. Look at strength 1 first.',
    picture: 'j1.grid',
    pictureKind,
    alt: 'A labelled grid.',
    cells,
    suggested: 2,
    remarks: [],
    spoiler: false,
    buttons,
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
