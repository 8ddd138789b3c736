import { dtypeOfCode } from '../../onnx/index.ts';
import {
  addDims,
  broadcastDims,
  type Dim,
  isStatic,
  mulDims,
  roundedDivideDims,
  subtractDims,
} from '../dim.ts';
import { type Facts, type InferContext, type InferRule, KNOWN_LIMIT } from './facts.ts';

type Evaluate = (a: Dim, b: Dim, c: InferContext) => Dim | undefined;

const both = (a: Dim, b: Dim, f: (a: number, b: number) => number): Dim | undefined =>
  typeof a === 'number' && typeof b === 'number' ? f(a, b) : undefined;

/** Symbols are sizes, so at least 1: never equal to a number below that. */
const equal = (a: Dim, b: Dim): Dim | undefined => {
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  const number = typeof a === 'number' ? a : b;
  return typeof number === 'number' && number < 1 ? 0 : undefined;
};

const integer = (c: InferContext) => /^u?int/.test(c.facts(0).dtype ?? '');

/** How shape arithmetic evaluates binary operators. */
export const EVALUATE = {
  Add: addDims,
  Sub: subtractDims,
  Mul: (a, b) => {
    const fraction = [a, b].some((v) => typeof v === 'number' && !Number.isInteger(v));
    return fraction ? both(a, b, (x, y) => x * y) : mulDims(a, b);
  },
  Div: (a, b, c) =>
    integer(c) ? roundedDivideDims(a, b) : (both(a, b, (x, y) => x / y) ?? undefined),
  Min: (a, b) => (a === b ? a : both(a, b, Math.min)),
  Max: (a, b) => (a === b ? a : both(a, b, Math.max)),
  Mod: (a, b) => both(a, b, (x, y) => ((x % y) + y) % y),
  Pow: (a, b) => both(a, b, (x, y) => x ** y),
  Equal: equal,
  Less: (a, b) => both(a, b, (x, y) => Number(x < y)),
  Greater: (a, b) => both(a, b, (x, y) => Number(x > y)),
  LessOrEqual: (a, b) => both(a, b, (x, y) => Number(x <= y)),
  GreaterOrEqual: (a, b) => both(a, b, (x, y) => Number(x >= y)),
  And: (a, b) => both(a, b, (x, y) => Number(x !== 0 && y !== 0)),
  Or: (a, b) => both(a, b, (x, y) => Number(x !== 0 || y !== 0)),
} as const satisfies Record<string, Evaluate>;

/** Elements of a broadcast operand; only the shapes of shape arithmetic: scalars and vectors. */
function pick(facts: Facts, i: number): Dim | undefined {
  return facts.known?.length === 1 ? facts.known[0] : facts.known?.[i];
}

function knownOf(c: InferContext, dims: readonly Dim[] | undefined, f: Evaluate) {
  if (!dims || dims.length > 1 || !isStatic(dims)) return undefined;
  const size = dims[0] ?? 1;
  if (size > KNOWN_LIMIT) return undefined;
  const out: Dim[] = [];
  for (let i = 0; i < size; i++) {
    const [a, b] = [pick(c.facts(0), i), pick(c.facts(1), i)];
    const value = a === undefined || b === undefined ? undefined : f(a, b, c);
    if (value === undefined) return undefined;
    out.push(value);
  }
  return out;
}

function broadcastOf(c: InferContext, from = 0): Dim[] | undefined {
  const shapes: (readonly Dim[])[] = [];
  for (let i = from; i < c.node.inputs.length; i++) {
    const dims = c.dims(i);
    if (!dims) return undefined;
    shapes.push(dims);
  }
  return broadcastDims(...shapes);
}

/** A binary (or n-ary) operator with broadcasting. */
export const broadcasting =
  (evaluate?: Evaluate, dtype?: 'bool'): InferRule =>
  (c) => {
    const dims = broadcastOf(c);
    const known = evaluate && c.node.inputs.length === 2 ? knownOf(c, dims, evaluate) : undefined;
    return [{ dtype: dtype ?? c.facts(0).dtype, dims, known }];
  };

/** The first output is shaped as the first input; `f` follows known elements. */
export const same =
  (f?: (x: number) => number, dtype?: 'bool'): InferRule =>
  (c) => {
    const { dims, dtype: own } = c.facts(0);
    const known = f ? c.numbers(0)?.map(f) : undefined;
    return [{ dtype: dtype ?? own, dims, known }];
  };

export const identity: InferRule = (c) => [c.facts(0)];

export const cast: InferRule = (c) => {
  const dtype = dtypeOfCode(c.int('to', 0));
  const { dims, known } = c.facts(0);
  const whole = dtype !== undefined && /int/.test(dtype);
  const cut = (v: Dim) => (typeof v === 'number' && whole ? Math.trunc(v) : v);
  return [{ dtype, dims, known: dtype === 'bool' ? undefined : known?.map(cut) }];
};

export const where: InferRule = (c) => {
  const dims = broadcastOf(c);
  const condition = c.numbers(0);
  let known: Dim[] | undefined;
  if (condition && dims && dims.length <= 1 && isStatic(dims) && (dims[0] ?? 1) <= KNOWN_LIMIT) {
    const picked = Array.from({ length: dims[0] ?? 1 }, (_, i) =>
      pick(c.facts(pick(c.facts(0), i) === 0 ? 2 : 1), i),
    );
    if (picked.every((v) => v !== undefined)) known = picked as Dim[];
  }
  return [{ dtype: c.facts(1).dtype, dims, known }];
};
