import { makersOf, readsOf } from '../../../../src/engine/models/graph.ts';
import { elementTypes } from '../../../../src/engine/models/precision/element-types.ts';
import {
  castNode,
  FLOAT,
  HALF,
  standardOp,
} from '../../../../src/engine/models/precision/names.ts';
import {
  type GraphProto,
  type NodeProto,
  numbersOf,
  type OnnxModel,
  type TensorProto,
  tensorFromProto,
  tensorOf,
  tensorToProto,
  toNumber,
  type ValueInfoProto,
} from '../../../../src/engine/onnx/index.ts';

export function withGraph(model: OnnxModel, changes: Partial<GraphProto>): OnnxModel {
  return { ...model, proto: { ...model.proto, graph: { ...model.proto.graph, ...changes } } };
}

function halved(tensor: TensorProto, dir: string | null, roundOnly: boolean): TensorProto {
  const value = tensorFromProto(tensor, dir);
  const half = tensorOf('float16', value.dims, numbersOf(value));
  const stored = roundOnly ? tensorOf('float32', value.dims, numbersOf(half)) : half;
  return tensorToProto(tensor.name ?? '', stored);
}

/**
 * A float32 graph as an exporter writes it in float16: inputs, outputs, weights, constants and
 * arithmetic, but for the angles of the timestep, which models compute in float32 themselves.
 * @param roundOnly the same graph in float32, its weights and constants rounded to float16
 */
export function exportedInHalf(model: OnnxModel, roundOnly = false): OnnxModel {
  const graph = model.proto.graph ?? {};
  const makers = makersOf(graph);
  const kept = new Set<string>();
  const open = (graph.node ?? [])
    .filter((n) => ['Cos', 'Sin'].includes(standardOp(n)))
    .flatMap(readsOf);
  open.push(...(graph.node ?? []).flatMap((n) => (n.opType === 'Resize' ? n.input!.slice(1) : [])));
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (kept.has(value)) continue;
    kept.add(value);
    open.push(...readsOf(makers.get(value) ?? {}));
  }
  const info = (v: ValueInfoProto): ValueInfoProto => {
    const tensorType = v.type?.tensorType;
    if (roundOnly || tensorType?.elemType !== FLOAT || kept.has(v.name ?? '')) return v;
    return { ...v, type: { tensorType: { ...tensorType, elemType: HALF } } };
  };
  const node = (graph.node ?? []).flatMap((n): NodeProto[] => {
    if (n.output?.some((o) => kept.has(o))) return [n];
    if (!roundOnly && ['Cos', 'Sin'].includes(standardOp(n))) {
      const [output = ''] = n.output ?? [];
      return [{ ...n, output: [`${output}/wide`] }, castNode(`${output}/wide`, output, HALF)];
    }
    const attribute = (n.attribute ?? []).map((a) => {
      if (!roundOnly && a.name === 'to' && toNumber(a.i) === FLOAT) return { ...a, i: HALF };
      return a.t?.dataType === FLOAT ? { ...a, t: halved(a.t, model.dir, roundOnly) } : a;
    });
    return [{ ...n, attribute }];
  });
  return withGraph(model, {
    node,
    input: (graph.input ?? []).map(info),
    output: (graph.output ?? []).map(info),
    valueInfo: [],
    initializer: (graph.initializer ?? []).map((t) =>
      t.dataType === FLOAT && !kept.has(t.name ?? '') ? halved(t, model.dir, roundOnly) : t,
    ),
  });
}

/**
 * ONNX Runtime's CPU computes float16 nodes that it has no kernels for in float32, and leaves out
 * the rounding between two of them. Here each node's float16 results are rounded, as on a GPU.
 */
export function roundedNodeByNode(model: OnnxModel): OnnxModel {
  const graph = model.proto.graph ?? {};
  const types = elementTypes(graph);
  let count = 0;
  const node = (graph.node ?? []).flatMap((n): NodeProto[] => {
    if (standardOp(n) === 'Cast' || standardOp(n) === 'Shape') return [n];
    const before: NodeProto[] = [];
    const after: NodeProto[] = [];
    const isHalf = (v: string) => types.get(v) === HALF;
    const input = (n.input ?? []).map((v) => {
      if (!isHalf(v)) return v;
      before.push(castNode(v, `${v}/read_${count}`, FLOAT));
      return `${v}/read_${count++}`;
    });
    const output = (n.output ?? []).map((v) => {
      if (!isHalf(v)) return v;
      after.push(castNode(`${v}/made`, v, HALF));
      return `${v}/made`;
    });
    return [...before, { ...n, input, output }, ...after];
  });
  return withGraph(model, { node });
}
