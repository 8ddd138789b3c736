import {
  type AttributeProto,
  AttributeType,
  type DType,
  type NodeProto,
  type Tensor,
  type TensorProto,
  tensorOf,
  tensorToProto,
} from '../onnx/index.ts';
import { type Dim, isStatic } from './dim.ts';
import { type Node, nodeOf } from './graph.ts';
import { reshapeTarget } from './simplify.ts';

/** An attribute's value; numbers become ints, `{ float }` a float. */
export type AttributeValue = number | readonly number[] | string | { float: number };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Makes nodes. Asking twice for the same operation of the same values gives the same value. */
export interface Builder {
  readonly nodes: readonly Node[];
  readonly initializers: readonly TensorProto[];
  /** A node with one output. */
  op(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /** A node with several outputs. */
  ops(op: string, inputs: readonly string[], attributes: Attributes, count: number): string[];
  /** A scalar constant. */
  scalar(value: number, dtype: DType): string;
  /** A vector of int64. */
  ints(values: readonly number[]): string;
  constant(value: Tensor): string;
  /** `x` in the shape `to`; `like` is a value of that shape, for when sizes are not known. */
  reshape(x: string, from: readonly Dim[] | undefined, to: readonly Dim[], like?: string): string;
  /** The shape of a value, as int64 vector: a constant where it is known. */
  shape(value: string, dims: readonly Dim[] | undefined): string;
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') {
    return { name, type: AttributeType.string, s: Buffer.from(value, 'utf8') };
  }
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: [...value] };
}

/** @param taken says whether a value name is in use. */
export function createBuilder(taken: (name: string) => boolean): Builder {
  const nodes: Node[] = [];
  const initializers: TensorProto[] = [];
  const made = new Map<string, string[]>();
  let count = 0;

  const fresh = (base: string): string => {
    let name: string;
    do name = `vjp/${base}_${count++}`;
    while (taken(name));
    return name;
  };
  const once = (key: string, make: () => string[]): string[] => {
    let names = made.get(key);
    if (!names) {
      names = make();
      made.set(key, names);
    }
    return names;
  };
  const initializer = (key: string, base: string, value: () => Tensor): string =>
    once(key, () => {
      const name = fresh(base);
      initializers.push(tensorToProto(name, value()));
      return [name];
    })[0] as string;

  const builder: Builder = {
    nodes,
    initializers,
    ops(op, inputs, attributes, outputs) {
      const key = JSON.stringify([op, inputs, Object.entries(attributes).sort(), outputs]);
      return once(key, () => {
        const names = Array.from({ length: outputs }, () => fresh(op));
        const proto: NodeProto = {
          opType: op,
          name: names[0] as string,
          input: [...inputs],
          output: names,
          attribute: Object.entries(attributes).map(([k, v]) => attributeProto(k, v)),
        };
        nodes.push(nodeOf(proto));
        return names;
      });
    },
    op: (op, inputs, attributes = {}) => builder.ops(op, inputs, attributes, 1)[0] as string,
    scalar: (value, dtype) =>
      initializer(`scalar ${value} ${dtype}`, 'scalar', () => tensorOf(dtype, [], [value])),
    ints: (values) =>
      initializer(`ints ${values}`, 'ints', () => tensorOf('int64', [values.length], values)),
    constant(value) {
      const { dtype, dims, data } = value;
      const small = data.length <= 4096;
      const key = small
        ? `tensor ${dtype} ${dims} ${Array.from(data as Float32Array)}`
        : `t${count}`;
      return initializer(key, 'constant', () => value);
    },
    reshape(x, from, to, like) {
      if (from?.length === to.length && from.every((d, i) => d === to[i])) return x;
      const target = reshapeTarget(from, to);
      if (target) return builder.op('Reshape', [x, builder.ints(target)]);
      if (like === undefined) throw new Error(`cannot write the shape [${to}] of ${x}`);
      return builder.op('Reshape', [x, builder.op('Shape', [like])]);
    },
    shape: (value, dims) =>
      dims && isStatic(dims) ? builder.ints(dims) : builder.op('Shape', [value]),
  };
  return builder;
}
