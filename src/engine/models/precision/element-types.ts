import { DTYPES, type GraphProto, type NodeProto, toNumber } from '../../onnx/index.ts';
import { FLOAT, standardOp, subgraphsOf } from './names.ts';

const [INT64, BOOL] = [DTYPES.int64.code, DTYPES.bool.code];

/** Operators whose results have a type of their own. */
const FIXED: Readonly<Record<string, number>> = {
  And: BOOL,
  ArgMax: INT64,
  ArgMin: INT64,
  Equal: BOOL,
  Greater: BOOL,
  GreaterOrEqual: BOOL,
  IsInf: BOOL,
  IsNaN: BOOL,
  Less: BOOL,
  LessOrEqual: BOOL,
  NonMaxSuppression: INT64,
  NonZero: INT64,
  Not: BOOL,
  Or: BOOL,
  Shape: INT64,
  Size: INT64,
  Xor: BOOL,
};

/** The input that has the result's type, where that is not the first. */
const LIKE: Readonly<Record<string, number>> = {
  CastLike: 1,
  DequantizeLinear: 1,
  OneHot: 2,
  QuantizeLinear: 2,
  Where: 1,
};

/** Types of outputs behind the first that are not the first's. */
const SECOND: Readonly<Record<string, number>> = { Dropout: BOOL, MaxPool: INT64, TopK: INT64 };

/**
 * The ONNX element type of each value of a graph; values it does not know are absent. All floats of
 * the standard operators follow from their inputs, so that files without type information do.
 * @param outside types of what a branch reads from the graph around it
 */
export function elementTypes(
  graph: GraphProto,
  outside: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const types = new Map(outside);
  const set = (name: string | undefined, type: number | undefined) => {
    if (name && type !== undefined && type !== 0 && !types.has(name)) types.set(name, type);
  };
  for (const info of [
    ...(graph.input ?? []),
    ...(graph.output ?? []),
    ...(graph.valueInfo ?? []),
  ]) {
    set(info.name, info.type?.tensorType?.elemType);
  }
  for (const tensor of graph.initializer ?? []) set(tensor.name, tensor.dataType);
  for (const node of graph.node ?? []) {
    node.output?.forEach((name, i) => {
      set(name, outputType(node, i, types));
    });
  }
  return types;
}

function outputType(node: NodeProto, i: number, types: ReadonlyMap<string, number>) {
  const op = standardOp(node);
  const attribute = (name: string) => node.attribute?.find((a) => a.name === name);
  if (i > 0 && Object.hasOwn(SECOND, op)) return SECOND[op];
  if (Object.hasOwn(FIXED, op)) return FIXED[op];
  const [branch] = subgraphsOf(node);
  if (branch) return op === 'If' ? branch.output?.[i]?.type?.tensorType?.elemType : undefined;
  if (op === 'Constant') return constantType(node);
  if (op === 'ConstantOfShape') return attribute('value')?.t?.dataType ?? FLOAT;
  if (op === 'Cast') return toNumber(attribute('to')?.i);
  if (attribute('dtype')) return toNumber(attribute('dtype')?.i);
  if (op === 'RandomNormal' || op === 'RandomUniform') return FLOAT;
  return types.get(node.input?.[LIKE[op] ?? 0] ?? '');
}

function constantType(node: NodeProto): number | undefined {
  const [value] = node.attribute ?? [];
  if (value?.t) return value.t.dataType;
  if (value?.name?.startsWith('value_int')) return INT64;
  return value?.name?.startsWith('value_float') ? FLOAT : undefined;
}
