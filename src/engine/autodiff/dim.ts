import { createHash } from 'node:crypto';

/**
 * A dimension: its size, or a symbolic expression for one that is known only when the graph runs.
 * Products are kept in a normal form (`8*batch`), so that `[8*batch, L]` reshaped to
 * `[batch, 8, L]` is understood; any other expression becomes one opaque symbol, and equal
 * expressions become the same symbol. Symbols are taken to be at least 1.
 */
export type Dim = number | string;

/** Longer expressions are known by their hash alone: in deep graphs they would grow without end. */
const LONGEST = 200;

/** An expression that nothing more is known of; equal ones are equal symbols. */
function opaque(text: string): string {
  if (text.length <= LONGEST) return `(${text})`;
  return `(#${createHash('sha256').update(text).digest('hex').slice(0, 24)})`;
}

interface Monomial {
  readonly factor: number;
  readonly symbols: readonly string[];
}

/** Splits at `*` outside parentheses. */
function factorsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === '*' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parse(dim: Dim): Monomial {
  if (typeof dim === 'number') return { factor: dim, symbols: [] };
  let factor = 1;
  const symbols: string[] = [];
  for (const part of factorsOf(dim)) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else symbols.push(part);
  }
  return { factor, symbols };
}

function format({ factor, symbols }: Monomial): Dim {
  if (factor === 0 || symbols.length === 0) return factor;
  const all = [...symbols].sort().join('*');
  const product = all.length <= 2 * LONGEST ? all : opaque(all);
  return factor === 1 ? product : `${factor}*${product}`;
}

/** The dimension that a name in a model file stands for (`8*batch` is a product, `a + b` opaque). */
export function dimOfName(name: string): Dim {
  const bare = name.replaceAll(' ', '');
  return /[+\-/(),%]/.test(bare) ? `(${bare.replaceAll(/[()]/g, '|')})` : format(parse(bare));
}

export function mulDims(a: Dim, b: Dim): Dim {
  const [x, y] = [parse(a), parse(b)];
  return format({ factor: x.factor * y.factor, symbols: [...x.symbols, ...y.symbols] });
}

/** a / b where that is exact, else undefined. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  const [x, y] = [parse(a), parse(b)];
  if (y.factor === 0 || x.factor % y.factor !== 0) return undefined;
  const symbols = [...x.symbols];
  for (const symbol of y.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return format({ factor: x.factor / y.factor, symbols });
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  const [x, y] = [parse(a), parse(b)];
  if (x.symbols.join('*') === y.symbols.join('*')) {
    return format({ factor: x.factor + y.factor, symbols: x.symbols });
  }
  return opaque([String(a), String(b)].sort().join('+'));
}

export function subtractDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === b) return 0;
  if (b === 0) return a;
  const [x, y] = [parse(a), parse(b)];
  if (x.symbols.join('*') === y.symbols.join('*')) {
    return format({ factor: x.factor - y.factor, symbols: x.symbols });
  }
  return opaque(`${a}-${b}`);
}

/** floor(a / b), or ceil(a / b). */
export function roundedDivideDims(a: Dim, b: Dim, up = false): Dim {
  if (typeof a === 'number' && typeof b === 'number') {
    return up ? Math.ceil(a / b) : Math.floor(a / b);
  }
  return divideDims(a, b) ?? opaque(`${up ? 'ceil|' : ''}${a}/${b}`);
}

export function productOfDims(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(mulDims, 1);
}

export function isStatic(dims: readonly Dim[]): dims is readonly number[] {
  return dims.every((d) => typeof d === 'number');
}

/** One axis of a broadcast. Two different symbols give a third: either may turn out to be 1. */
function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return opaque([a, b].sort().join('~'));
}

/** The shape of an elementwise result of operands with these shapes (numpy's broadcasting). */
export function broadcastDims(...shapes: readonly (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) =>
    shapes.reduce<Dim>((out, shape) => broadcastDim(out, shape[i - rank + shape.length] ?? 1), 1),
  );
}
