import type { DType, Tensor } from '../../onnx/index.ts';
import { AutodiffError } from '../autodiff-error.ts';
import type { Attributes, Builder } from '../builder.ts';
import { type Dim, isStatic } from '../dim.ts';
import { floatOf, type Graph, intOf, intsOf, type Node, stringOf } from '../graph.ts';
import { normalizeAxis } from '../infer/facts.ts';
import type { FactsOf } from '../infer/index.ts';

/** Adds to the adjoint of a value. */
export interface Adjoints {
  /** The adjoint of a value, or undefined where nothing flows into it. */
  get(value: string): string | undefined;
  /** Adds a whole contribution, in the value's own shape. */
  add(value: string, contribution: string): void;
  /**
   * Adds a contribution to `value[…, begin:end, …]` along one axis. Contributions that tile the
   * axis become one Concat instead of padded sums.
   */
  addSlice(value: string, axis: number, begin: number, end: number, contribution: string): void;
}

/** What a gradient rule sees of its node. Values are names; `b` makes the nodes of the answer. */
export interface RuleContext {
  readonly node: Node;
  readonly graph: Graph;
  readonly b: Builder;
  readonly opset: number;
  /** See `VjpOptions.weights`. */
  readonly weights: 'rearranged' | 'shared';
  /** Name of the i-th input ('' where absent) and output. */
  x(i?: number): string;
  y(i?: number): string;
  has(i: number): boolean;
  /** True where the i-th input's adjoint is asked for. */
  needs(i: number): boolean;
  /** The adjoint of the i-th output. */
  dy(i?: number): string;
  /** The same, undefined where nothing flows into that output. */
  dyOrNone(i: number): string | undefined;
  /** The adjoint of any value that was reached before this node. */
  adjointOf(value: string): string | undefined;
  /** Adds to the adjoint of the i-th input. */
  add(i: number, contribution: string): void;
  addSlice(i: number, axis: number, begin: number, end: number, contribution: string): void;
  /** Adds to the adjoint of any value, if it is needed. */
  addTo(value: string, contribution: string): void;
  dims(value: string): readonly Dim[];
  rank(value: string): number;
  /** Dims where all are plain numbers, else an error that says which shape must be fixed. */
  staticDims(value: string): readonly number[];
  knownDims(value: string): readonly Dim[] | undefined;
  dtype(value: string): DType;
  /** The elements of a constant or of shape arithmetic. */
  numbers(i: number): readonly number[] | undefined;
  /** The same, some of them perhaps symbolic. */
  knownElements(i: number): readonly Dim[] | undefined;
  constant(i: number): Tensor | undefined;
  /** True where a value does not depend on `wrt`. */
  isFixed(value: string): boolean;
  int(name: string, fallback: number): number;
  ints(name: string): number[] | undefined;
  float(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  op(op: string, inputs: readonly string[], attributes?: Attributes): string;
  add2(a: string, b: string): string;
  sub(a: string, b: string): string;
  mul(a: string, b: string): string;
  div(a: string, b: string): string;
  /** A scalar in the element type of the first output. */
  scalar(value: number): string;
  /** Sums a value of shape `from` over the axes along which `target` was broadcast to it. */
  sumTo(value: string, from: readonly Dim[], target: string): string;
  reduceSum(value: string, axes: readonly number[], keepdims: boolean): string;
  reduceMean(value: string, axes: readonly number[], keepdims: boolean): string;
  /** Normalised axes of a reduction, Squeeze or Unsqueeze (attribute or i-th input). */
  axes(i: number, rank: number): number[] | undefined;
  fail(message: string): never;
  /** The forward node must also give its i-th output, which the file may leave out. */
  demandOutput(i: number): string;
  /** The forward node is dropped: its (only) output is this value from now on. */
  replaceOutput(value: string): void;
  /** The same for another node, for rules of several nodes at once. */
  at(node: Node): RuleContext;
  /**
   * The node that makes a value, where it is one of these operators and nothing else reads the
   * value: then a rule of several nodes may pass it by.
   */
  inner(value: string, ...ops: readonly string[]): RuleContext | undefined;
}

/** A vector-Jacobian product: reads `dy`, calls `add` for each input that is needed. */
export type Rule = (c: RuleContext) => void;

export interface ContextOptions {
  graph: Graph;
  of: FactsOf;
  b: Builder;
  adjoints: Adjoints;
  active: ReadonlySet<string>;
  demandOutput(node: Node, i: number): string;
  replaceOutput(node: Node, value: string): void;
  /** Values whose own adjoint is asked for. */
  asked: ReadonlySet<string>;
  weights: 'rearranged' | 'shared';
}

function sumTo(c: RuleContext, value: string, from: readonly Dim[], target: string): string {
  const to = c.dims(target);
  const extra = from.length - to.length;
  const inner: number[] = [];
  let unknown = false;
  to.forEach((dim, i) => {
    const source = from[i + extra] as Dim;
    if (dim === source) return;
    if (dim === 1) inner.push(i);
    else unknown = true;
  });
  if (unknown) return sumToDynamic(c, value, extra, target);
  let sum = value;
  if (extra > 0)
    sum = c.reduceSum(
      sum,
      Array.from({ length: extra }, (_, i) => i),
      false,
    );
  return inner.length > 0 ? c.reduceSum(sum, inner, true) : sum;
}

/** The same where sizes are known only at run time: the axes are worked out by the graph. */
function sumToDynamic(c: RuleContext, value: string, extra: number, target: string): string {
  const shape = c.op('Shape', [target]);
  const padded =
    extra > 0 ? c.op('Concat', [c.b.ints(Array(extra).fill(1)), shape], { axis: 0 }) : shape;
  const differs = c.op('Not', [c.op('Equal', [padded, c.op('Shape', [value])])]);
  const axes = c.op('Squeeze', [c.op('NonZero', [differs]), c.b.ints([0])]);
  const sum = c.op('ReduceSum', [value, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return c.op('Reshape', [sum, shape]);
}

/** Makes the context in which the rule of one node runs. */
export function ruleContext(node: Node, options: ContextOptions): RuleContext {
  const { graph, of, b, adjoints, active } = options;
  const fail = (message: string): never => {
    throw new AutodiffError('unsupported-op', `${node.op} "${node.name}": ${message}`, {
      op: node.op,
      node: node.name,
    });
  };
  const failShape = (value: string, what: string): never => {
    throw new AutodiffError(
      'shape',
      `${node.op} "${node.name}": ${what} of "${value}" is not known; fix the input shapes`,
      { op: node.op, node: node.name },
    );
  };
  const c: RuleContext = {
    node,
    graph,
    b,
    opset: graph.opset,
    weights: options.weights,
    x: (i = 0) => node.inputs[i] ?? '',
    y: (i = 0) => node.outputs[i] ?? '',
    has: (i) => (node.inputs[i] ?? '') !== '',
    needs: (i) => active.has(node.inputs[i] ?? ''),
    dy: (i = 0) => adjoints.get(c.y(i)) ?? fail('its adjoint is missing'),
    addTo(value, contribution) {
      if (active.has(value)) adjoints.add(value, contribution);
    },
    dyOrNone: (i) => adjoints.get(c.y(i)),
    adjointOf: (value) => adjoints.get(value),
    add: (i, contribution) => adjoints.add(c.x(i), contribution),
    addSlice: (i, axis, begin, end, contribution) =>
      adjoints.addSlice(c.x(i), axis, begin, end, contribution),
    knownDims: (value) => of(value).dims,
    dims: (value) => of(value).dims ?? failShape(value, 'the shape'),
    rank: (value) => c.dims(value).length,
    staticDims(value) {
      const dims = c.dims(value);
      return isStatic(dims) ? dims : failShape(value, `the shape [${dims.join(', ')}]`);
    },
    dtype: (value) => of(value).dtype ?? failShape(value, 'the element type'),
    numbers(i) {
      const known = of(c.x(i)).known;
      if (known && isStatic(known)) return known;
      const value = c.constant(i);
      return value && Array.from(value.data as ArrayLike<number>, Number);
    },
    knownElements: (i) => of(c.x(i)).known ?? c.numbers(i),
    constant: (i) => graph.constant(c.x(i)),
    isFixed: (value) => !active.has(value),
    int: (name, fallback) => intOf(node, name, fallback),
    ints: (name) => intsOf(node, name),
    float: (name, fallback) => floatOf(node, name, fallback),
    text: (name, fallback) => stringOf(node, name, fallback),
    op: (op, inputs, attributes) => b.op(op, inputs, attributes),
    add2: (p, q) => b.op('Add', [p, q]),
    sub: (p, q) => b.op('Sub', [p, q]),
    mul: (p, q) => b.op('Mul', [p, q]),
    div: (p, q) => b.op('Div', [p, q]),
    scalar: (value) => b.scalar(value, c.dtype(c.y())),
    sumTo: (value, from, target) => sumTo(c, value, from, target),
    reduceSum: (value, axes, keepdims) =>
      b.op('ReduceSum', [value, b.ints(axes)], { keepdims: Number(keepdims) }),
    // The axes of ReduceMean became an input with opset 18.
    reduceMean: (value, axes, keepdims) =>
      graph.opset >= 18
        ? b.op('ReduceMean', [value, b.ints(axes)], { keepdims: Number(keepdims) })
        : b.op('ReduceMean', [value], { axes, keepdims: Number(keepdims) }),
    axes(i, rank) {
      const axes = intsOf(node, 'axes') ?? (c.has(i) ? c.numbers(i) : undefined);
      if (c.has(i) && !axes) fail('its axes must be constant');
      return axes?.map((a) => normalizeAxis(a, rank));
    },
    fail,
    demandOutput: (i) => options.demandOutput(node, i),
    replaceOutput: (value) => options.replaceOutput(node, value),
    at: (other) => ruleContext(other, options),
    inner(value, ...ops) {
      const maker = graph.producer(value);
      if (!maker || !ops.includes(maker.op) || options.asked.has(value)) return undefined;
      return graph.consumers(value).length === 1 ? c.at(maker) : undefined;
    },
  };
  return c;
}
