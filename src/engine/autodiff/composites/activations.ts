import type { RuleContext } from '../rules/context.ts';
import { geluSlope, siluSlope } from '../rules/elementwise.ts';

/**
 * Activations that exporters write as several nodes, differentiated as one: half the passes over
 * the tensor. Each function looks at the last node and says whether it did the work.
 */

/** Both operands of a commutative node, in either order. */
export function eitherWay(c: RuleContext): readonly (readonly [string, string])[] {
  return [
    [c.x(0), c.x(1)],
    [c.x(1), c.x(0)],
  ];
}

/** The value of a one-element constant. */
export function scalarOf(c: RuleContext, value: string): number | undefined {
  const constant = c.graph.constant(value);
  return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
}

const near = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 1e-4;

/** The other operand of a node that has a scalar constant near `value` as one of its operands. */
function besideScalar(c: RuleContext | undefined, value: number): string | undefined {
  if (!c) return undefined;
  return eitherWay(c).find(([, k]) => near(scalarOf(c, k), value))?.[0];
}

/** x * Sigmoid(x), and CLIP's x * Sigmoid(1.702 x). */
export function silu(c: RuleContext): boolean {
  for (const [x, s] of eitherWay(c)) {
    const gate = c.inner(s, 'Sigmoid');
    if (!gate || x === s) continue;
    if (gate.x() === x) {
      c.addTo(x, c.mul(c.dy(), siluSlope(c, c.y(), s)));
      return true;
    }
    const scaled = gate.inner(gate.x(), 'Mul');
    const pair = scaled && eitherWay(scaled).find(([value]) => value === x);
    const alpha = pair && scalarOf(scaled, pair[1]);
    if (alpha === undefined) continue;
    // y' = s + alpha y (1 - s)
    const rest = c.mul(c.sub(c.y(), c.mul(c.y(), s)), c.scalar(alpha));
    c.addTo(x, c.mul(c.dy(), c.add2(s, rest)));
    return true;
  }
  return false;
}

/** 1 + Erf(x / sqrt 2): the name of x and of x / sqrt 2. */
function normalTimesTwo(c: RuleContext | undefined): { x: string; u: string } | undefined {
  const erf = c?.inner(besideScalar(c, 1) ?? '', 'Erf');
  const scaled = erf?.inner(erf.x(), 'Div', 'Mul');
  if (!erf || !scaled) return undefined;
  const divided = scaled.node.op === 'Div';
  const x = divided
    ? near(scalarOf(scaled, scaled.x(1)), Math.SQRT2)
      ? scaled.x(0)
      : undefined
    : besideScalar(scaled, Math.SQRT1_2);
  return x === undefined ? undefined : { x, u: erf.x() };
}

/**
 * GELU in the two orders that exporters write it: (x (1 + Erf(x / sqrt 2))) 0.5 and
 * x (0.5 (1 + Erf(x / sqrt 2))).
 */
export function gelu(c: RuleContext): boolean {
  const halved = c.inner(besideScalar(c, 0.5) ?? '', 'Mul');
  if (halved) {
    for (const [x, twice] of eitherWay(halved)) {
      const normal = normalTimesTwo(halved.inner(twice, 'Add'));
      if (normal?.x !== x) continue;
      c.addTo(x, c.mul(c.dy(), geluSlope(c, normal.u, c.mul(twice, c.scalar(0.5)))));
      return true;
    }
  }
  for (const [x, p] of eitherWay(c)) {
    const half = c.inner(p, 'Mul');
    const twice = besideScalar(half, 0.5);
    const normal = twice === undefined ? undefined : normalTimesTwo(half?.inner(twice, 'Add'));
    if (normal?.x !== x) continue;
    c.addTo(x, c.mul(c.dy(), geluSlope(c, normal.u, p)));
    return true;
  }
  return false;
}
