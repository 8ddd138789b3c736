import type { DType } from '../onnx/index.ts';
import type { Builder } from './builder.ts';
import type { Dim } from './dim.ts';
import type { Adjoints } from './rules/context.ts';

interface Slice {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly value: string;
}

interface Parts {
  whole: string[];
  slices: Slice[];
}

/** What the sum of contributions to one value needs to know of it. */
export interface ValueShape {
  dims: readonly Dim[] | undefined;
  dtype: DType | undefined;
}

/** Collects contributions to the adjoint of each value and sums them when it is asked for. */
export function createAdjoints(b: Builder, shapeOf: (value: string) => ValueShape): Adjoints {
  const parts = new Map<string, Parts>();
  const sums = new Map<string, string>();

  const partsOf = (value: string): Parts => {
    let own = parts.get(value);
    if (!own) {
      own = { whole: [], slices: [] };
      parts.set(value, own);
    }
    return own;
  };

  const zeroPadded = (value: string, { axis, begin, end, value: piece }: Slice): string => {
    const { dims = [], dtype = 'float32' } = shapeOf(value);
    const pads = Array(2 * dims.length).fill(0);
    pads[axis] = begin;
    pads[axis + dims.length] = (dims[axis] as number) - end;
    return b.op('Pad', [piece, b.ints(pads), b.scalar(0, dtype)]);
  };

  /** Slices that tile one axis are put side by side; others are padded to the whole. */
  const joined = (value: string, slices: readonly Slice[]): string[] => {
    const rest = [...slices].sort((p, q) => p.axis - q.axis || p.begin - q.begin);
    const out: string[] = [];
    while (rest.length > 0) {
      const tiles = [rest.shift() as Slice];
      for (;;) {
        const last = tiles[tiles.length - 1] as Slice;
        const next = rest.findIndex((s) => s.axis === last.axis && s.begin === last.end);
        if (next < 0) break;
        tiles.push(...rest.splice(next, 1));
      }
      const [first, last] = [tiles[0] as Slice, tiles[tiles.length - 1] as Slice];
      const side =
        tiles.length === 1
          ? first.value
          : b.op(
              'Concat',
              tiles.map((t) => t.value),
              { axis: first.axis },
            );
      const full = first.begin === 0 && last.end === shapeOf(value).dims?.[first.axis];
      out.push(full ? side : zeroPadded(value, { ...first, end: last.end, value: side }));
    }
    return out;
  };

  return {
    add(value, contribution) {
      partsOf(value).whole.push(contribution);
    },
    addSlice(value, axis, begin, end, contribution) {
      partsOf(value).slices.push({ axis, begin, end, value: contribution });
    },
    get(value) {
      const done = sums.get(value);
      if (done !== undefined) return done;
      const own = parts.get(value);
      if (!own) return undefined;
      const terms = [...own.whole, ...joined(value, own.slices)];
      const [first, ...others] = terms;
      if (first === undefined) return undefined;
      // Not Sum, which some providers lack.
      const sum = others.reduce((so, term) => b.op('Add', [so, term]), first);
      sums.set(value, sum);
      return sum;
    },
  };
}
