import {
  dimsOf,
  type GraphProto,
  type NodeProto,
  numbersOf,
  sizeOf,
  type TensorProto,
  tensorFromProto,
} from '../../onnx/index.ts';
import { readsOf } from '../graph.ts';
import { FLOAT, standardOp } from './names.ts';

/** The largest float16, and the smallest with all of its digits. */
const [LARGEST, SMALLEST] = [65504, 2 ** -14];

/** Larger tensors are weights: their values are not looked at. A causal mask of CLIP has 77 x 77. */
const LOOKED_AT = 65536;

function isOutOfRange(tensor: TensorProto, dir: string | null): boolean {
  if (tensor.dataType !== FLOAT || sizeOf(dimsOf(tensor)) > LOOKED_AT) return false;
  const values = numbersOf(tensorFromProto(tensor, dir));
  const only = Math.abs(values.length === 1 ? (values[0] as number) : 1);
  // A lone tiny number is an epsilon or a share 1 / n; among many it is as good as zero.
  if (only > 0 && only < SMALLEST) return true;
  return values.some((v) => Math.abs(v) > LARGEST && Number.isFinite(v));
}

export interface Constants {
  /** Values that are the same in every run: the runtime computes them once, at load. */
  readonly constant: ReadonlySet<string>;
  /** Constants that float16 cannot hold (a mask of -1e30, an epsilon of 1e-6), and what is of them. */
  readonly outOfRange: ReadonlySet<string>;
}

/** What a graph's constants are. */
export function constantsOf(graph: GraphProto, dir: string | null, outside?: Constants): Constants {
  const constant = new Set(outside?.constant);
  const outOfRange = new Set(outside?.outOfRange);
  for (const tensor of graph.initializer ?? []) {
    constant.add(tensor.name ?? '');
    if (isOutOfRange(tensor, dir)) outOfRange.add(tensor.name ?? '');
  }
  for (const node of graph.node ?? []) {
    const outputs = (node.output ?? []).filter((o) => o !== '');
    const fixed = readsOf(node).every((v) => constant.has(v)) && !isRandom(node);
    if (fixed) for (const output of outputs) constant.add(output);
    const own = node.attribute?.find((a) => a.name === 'value')?.t;
    const far = readsOf(node).some((v) => outOfRange.has(v)) || (own && isOutOfRange(own, dir));
    // A mask keeps its range through Trilu, Where, Expand; mixed with activations it is none.
    if (far && (fixed || own || KEEPS_RANGE.includes(standardOp(node)))) {
      for (const output of outputs) outOfRange.add(output);
    }
  }
  return { constant, outOfRange };
}

const KEEPS_RANGE = [
  ...['Cast', 'Concat', 'Expand', 'Gather', 'Identity', 'Pad', 'Reshape', 'ScatterND', 'Slice'],
  ...['Split', 'Squeeze', 'Tile', 'Transpose', 'Trilu', 'Unsqueeze', 'Where'],
];

function isRandom(node: NodeProto): boolean {
  return /^(Random|Bernoulli|Multinomial)/.test(node.opType ?? '');
}
