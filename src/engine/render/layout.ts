import type { Box, Size } from '../intake/index.ts';

/** What a grid is made of, before any of it is drawn. */
export interface GridShape {
  /** Sizes of A, A' and B, or of B alone; only their aspect ratios count. */
  examples: readonly [Size, Size, Size] | readonly [Size];
  /** Size of a B'. */
  cell: Size;
  columns: number;
  rows: number;
  /** Width of the widest row label, pixels. */
  rowLabel: number;
}

export interface Layout extends Size {
  /** Unit of all that is drawn: 1 for cells of 256 pixels. */
  unit: number;
  /** A, A', B, or B alone. */
  examples: Box[];
  /** Where an arrow starts and ends: A to A', and B to what stands below. */
  arrows: { from: number; to: number; y: number }[];
  /** The place beside B that stands for the B' below. */
  answer: Box;
  /** Rows of cells. */
  cells: Box[][];
  /** Baseline of the column labels; right end of the row labels. */
  columnLabels: number;
  rowLabels: number;
  /** The band on which the examples stand. */
  band: Box;
}

/**
 * No grid is wider than this, pixels, as long as its cells can be as large as `leastSide`, which is
 * up to 45 columns: chat clients scale down what is larger.
 */
const widest = 4096;
const leastSide = 64;

/** Longer side of a cell, pixels: the model's 128 doubled, less where there are many columns. */
export function cellSide(columns: number, side = 256): number {
  const room = Math.floor((widest - 240) / columns) - 20;
  return Math.max(leastSide, Math.min(side, room));
}

/**
 * Places everything. Lengths are for cells with a longer side of `side` pixels.
 *
 *     A → A'   B → B'
 *         λ 0   λ 0.5   λ 1
 *     σ 3 [  ]  [  ]   [  ]
 */
export function layOut(shape: GridShape, side: number): Layout {
  const unit = side / 256;
  const px = (length: number) => Math.round(length * unit);
  const [margin, gap, arrow, caption] = [px(36), px(18), px(92), px(58)];

  const cell = fitted(shape.cell, side);
  const examples = shape.examples.map((example) => fitted(example, side));
  const tallest = Math.max(...examples.map(({ height }) => height));
  const answer = { width: px(112), height: px(112) };

  // Widths of the two blocks; the narrower is centred under or over the wider.
  const pairGap = px(56);
  const b = examples.at(-1) as Size;
  const [a, a2] = examples.length === 3 ? examples : [];
  const pairWidth = a && a2 ? a.width + arrow + a2.width + pairGap : 0;
  const bandInner = pairWidth + b.width + arrow + answer.width;
  const gutter = Math.ceil(shape.rowLabel) + px(22);
  const gridWidth = gutter + shape.columns * (cell.width + gap) - gap;
  const inner = Math.max(bandInner + px(64), gridWidth);
  const width = inner + 2 * margin;

  const band = { left: margin, top: margin, width: inner, height: px(84) + tallest };
  const middle = band.top + px(58) + Math.round(tallest / 2);
  let x = Math.round((width - bandInner) / 2);
  const place = (size: Size): Box => {
    const box = { left: x, top: middle - Math.round(size.height / 2), ...size };
    x += size.width;
    return box;
  };
  const point = () => {
    const line = { from: x + px(22), to: x + arrow - px(22), y: middle };
    x += arrow;
    return line;
  };
  const boxes: Box[] = [];
  const arrows: Layout['arrows'] = [];
  if (a && a2) {
    boxes.push(place(a));
    arrows.push(point());
    boxes.push(place(a2));
    x += pairGap;
  }
  boxes.push(place(b));
  arrows.push(point());
  const boxAnswer = place(answer);

  const columnLabels = band.top + band.height + caption;
  const top = columnLabels + px(20);
  const left = Math.round((width - gridWidth) / 2) + gutter;
  const cells = Array.from({ length: shape.rows }, (_, row) =>
    Array.from({ length: shape.columns }, (_, column) => ({
      left: left + column * (cell.width + gap),
      top: top + row * (cell.height + gap),
      ...cell,
    })),
  );
  return {
    unit,
    width,
    height: top + shape.rows * (cell.height + gap) - gap + margin,
    examples: boxes,
    arrows,
    answer: boxAnswer,
    cells,
    columnLabels,
    rowLabels: left - px(22),
    band,
  };
}

/** The size whose longer side is `side`, in the same aspect ratio. */
export function fitted({ width, height }: Size, side: number): Size {
  const scale = side / Math.max(width, height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
