import { copyMessage, type GraphProto, type NodeProto, type OnnxModel } from '../../onnx/index.ts';
import { graphOf, readsOf, withGraph } from '../graph.ts';
import { type Constants, constantsOf } from './constants.ts';
import { elementTypes } from './element-types.ts';
import { isDataInput, kindsOf } from './islands.ts';
import { castNode, FLOAT, freshNames, HALF, standardOp } from './names.ts';
import { readsStoredHalf, toFloat32 } from './to-float32.ts';

/**
 * The graph with its products, convolutions and activations in float16, for GPUs. Inputs and
 * outputs stay float32, with their names; so do the operators that need float32's range or digits
 * (see islands.ts), shape arithmetic, and constants that float16 cannot hold. Weights get a Cast
 * behind them, which the runtime folds at load: external data stays where it is. Those that are
 * stored as float16 are read without one.
 *
 * A name of the given graph always means the same value in float32, here too: what is edited into
 * the answer afterwards (the seed of errorInsteadOfGradient, say) is computed in float32.
 * Gradient graphs want `lossScaled` around their runs. `model` is not changed.
 */
export function toFloat16(model: OnnxModel): OnnxModel {
  const source = toFloat32(model);
  const graph = graphOf(source);
  const casts = createCasts(freshNames(graph));
  for (const { name = '' } of [...(graph.input ?? []), ...(graph.initializer ?? [])]) {
    casts.madeSingle(name);
  }
  const types = elementTypes(graph);
  const constants = constantsOf(graph, source.dir);
  return withGraph(source, converted(graph, { dir: source.dir, types, constants, casts }));
}

interface Scope {
  dir: string | null;
  types: ReadonlyMap<string, number>;
  constants: Constants;
  casts: Casts;
}

/** The nodes of a graph, or of a branch within it. */
function converted(graph: GraphProto, scope: Scope): Pick<GraphProto, 'node' | 'valueInfo'> {
  const { types, casts } = scope;
  const { constant, outOfRange } = scope.constants;
  const kinds = kindsOf(graph);
  const isFloat = (value: string) => value !== '' && types.get(value) === FLOAT;

  const inHalf = (node: NodeProto): boolean => {
    const reads = readsOf(node);
    const floats = reads.filter(isFloat);
    const kind = kinds.get(node) ?? 'single';
    if (kind === 'single' || floats.length === 0) return false;
    // What only constants go into is computed at load, and rounded once, when it is read.
    if (reads.every((v) => constant.has(v)) || floats.some((v) => outOfRange.has(v))) return false;
    if (kind === 'half') return true;
    if (reads.some((v) => !types.has(v))) return false;
    const data = (node.input ?? []).filter((v, i) => isFloat(v) && isDataInput(node, i));
    const varying = data.filter((v) => !constant.has(v));
    // A lookup in a table of weights gives them as they are stored.
    return (varying.length > 0 ? varying : data).some(casts.isHalf);
  };

  for (const node of graph.node ?? []) {
    if (readsStoredHalf(node, types)) {
      casts.stored(node);
    } else if (inHalf(node)) {
      const input = (node.input ?? []).map((v, i) => {
        if (!isFloat(v)) return v;
        return isDataInput(node, i) ? casts.half(v) : casts.single(v);
      });
      const output = (node.output ?? []).map((v) => (isFloat(v) ? casts.madeHalf(v) : v));
      const cast = standardOp(node) === 'Cast' && isFloat(node.output?.[0] ?? '');
      const fields = cast ? { opType: 'Identity', attribute: [] } : {};
      casts.emit(change(node, { ...fields, input, output }));
    } else if (standardOp(node) === 'If') {
      (node.input ?? []).filter(isFloat).forEach(casts.single);
      casts.emit(withBranches(node, scope));
      node.output?.forEach(casts.madeSingle);
    } else {
      readsOf(node).filter(isFloat).forEach(casts.single);
      casts.emit(node);
      node.output?.forEach(casts.madeSingle);
    }
  }
  for (const { name = '' } of graph.output ?? []) if (isFloat(name)) casts.single(name);
  return {
    node: casts.nodes,
    valueInfo: (graph.valueInfo ?? []).filter(({ name = '' }) => casts.exists(name)),
  };
}

/**
 * An If with its branches converted. What they read from outside is read in the precision that they
 * want it in: weights are cast once, there, and shared with the graph around.
 */
function withBranches(node: NodeProto, outer: Scope): NodeProto {
  const attribute = (node.attribute ?? []).map((a) => {
    if (!a.g) return a;
    const own = elementTypes(a.g, outer.types);
    const made = new Set((a.g.node ?? []).flatMap((n) => n.output ?? []));
    const types = new Map([...outer.types, ...own]);
    const constants = constantsOf(a.g, outer.dir, outer.constants);
    const casts = createCasts(outer.casts.fresh, {
      casts: outer.casts,
      has: (value) => !made.has(value),
    });
    const branch = Object.assign(
      copyMessage(a.g),
      converted(a.g, { dir: outer.dir, types, constants, casts }),
    );
    return Object.assign(copyMessage(a), { g: branch });
  });
  return change(node, { attribute });
}

const change = (node: NodeProto, fields: Partial<NodeProto>): NodeProto =>
  Object.assign(copyMessage(node), fields);

type Casts = ReturnType<typeof createCasts>;

/**
 * Which of its two precisions a value exists in, and one Cast to the other when it is asked for.
 * @param outside for a branch: the casts of the graph around it, and what is that graph's
 */
function createCasts(
  fresh: (base: string) => string,
  outside?: { casts: Casts; has(value: string): boolean },
) {
  const nodes: NodeProto[] = [];
  const singles = new Set<string>();
  const halves = new Map<string, string>();
  /** Casts of the file from stored float16: only made if somebody wants float32. */
  const waiting = new Map<string, NodeProto>();
  const around = (value: string): Casts | undefined =>
    outside?.has(value) ? outside.casts : undefined;

  return {
    nodes,
    fresh,
    emit: (node: NodeProto) => void nodes.push(node),
    exists: (value: string) => singles.has(value),
    isHalf: (value: string): boolean =>
      around(value)?.isHalf(value) ?? (halves.has(value) && !singles.has(value)),
    madeSingle: (value: string) => void singles.add(value),
    madeHalf(value: string): string {
      const name = fresh(`${value}/half`);
      halves.set(value, name);
      return name;
    },
    stored(cast: NodeProto): void {
      const value = cast.output?.[0] ?? '';
      halves.set(value, cast.input?.[0] ?? '');
      waiting.set(value, cast);
    },
    single(value: string): string {
      const outer: Casts | undefined = around(value);
      if (outer) return outer.single(value);
      if (!singles.has(value)) {
        const half = halves.get(value);
        if (half === undefined) return value;
        nodes.push(waiting.get(value) ?? castNode(half, value, FLOAT));
        singles.add(value);
      }
      return value;
    },
    half(value: string): string {
      const outer: Casts | undefined = around(value);
      if (outer) return outer.half(value);
      let half = halves.get(value);
      if (half === undefined) {
        half = fresh(`${value}/half`);
        halves.set(value, half);
        nodes.push(castNode(value, half, HALF));
      }
      return half;
    },
  };
}
