import { AttributeType, DTYPES, type GraphProto, type NodeProto } from '../../onnx/index.ts';

/** Element types by their ONNX code. */
export const FLOAT = DTYPES.float32.code;
export const HALF = DTYPES.float16.code;

/** The operator of a node; '' for one that is not of the standard domain. */
export function standardOp(node: NodeProto): string {
  return ['', 'ai.onnx'].includes(node.domain ?? '') ? (node.opType ?? '') : '';
}

/** The graphs inside of a node: branches of If, bodies of Loop and Scan. */
export function subgraphsOf(node: NodeProto): GraphProto[] {
  return (node.attribute ?? []).flatMap((a) => [...(a.g ? [a.g] : []), ...(a.graphs ?? [])]);
}

export function castNode(from: string, to: string, type: number): NodeProto {
  const attribute = [{ name: 'to', type: AttributeType.int, i: type }];
  return { opType: 'Cast', name: `${to}/cast`, input: [from], output: [to], attribute };
}

/** Gives names that no value of the graph has, those of its subgraphs included. */
export function freshNames(graph: GraphProto): (base: string) => string {
  const taken = new Set<string>();
  const collect = (g: GraphProto): void => {
    for (const value of [...(g.input ?? []), ...(g.initializer ?? [])]) taken.add(value.name ?? '');
    for (const node of g.node ?? []) {
      for (const output of node.output ?? []) taken.add(output);
      subgraphsOf(node).forEach(collect);
    }
  };
  collect(graph);
  return (base) => {
    let name = base;
    for (let i = 1; taken.has(name); i++) name = `${base}_${i}`;
    taken.add(name);
    return name;
  };
}
