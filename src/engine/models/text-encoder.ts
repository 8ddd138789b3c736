import {
  type NodeProto,
  numbersOf,
  type OnnxModel,
  tensorFromProto,
  valueInfoProto,
} from '../onnx/index.ts';
import { float32 } from './batch.ts';
import { graphOf, prune, traceBack, withGraph } from './graph.ts';
import type { Float32Tensor } from './model.ts';
import { readLight } from './read.ts';
import { unusable } from './unusable.ts';

/** Name of the input that takes the place of the token-embedding `Gather`'s output. */
export const tokenInput = 'token_embeddings';
export const featuresOutput = 'last_hidden_state';

export interface TextGraph {
  /** `token_embeddings` [B, L, Dt] -> `last_hidden_state` [B, L, D]. */
  model: OnnxModel;
  /** The graph still reads `input_ids`, for its shape. */
  needsIds: boolean;
  /** The token-embedding table, [V, Dt]. */
  table: Float32Tensor;
  /** L by the graph, where it is fixed. */
  length: number | undefined;
  idsType: 'int32' | 'int64';
}

/** Nodes that hand their first input's values on. */
const passThrough = ['Cast', 'Identity', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten'];

/**
 * A CLIP text encoder cut open where token ids become embeddings. The `Gather` is found by what it
 * gathers, a table with a row for each word of the vocabulary, by the ids: names differ between
 * exporters.
 * @param vocabulary words in the tokenizer; the table may have more rows
 */
export function cutTextEncoder(path: string, vocabulary: number, dir: string): TextGraph {
  const model = readLight(path);
  const graph = graphOf(model);
  const ids = (graph.input ?? []).find((input) => input.name === 'input_ids');
  if (!ids || !(graph.output ?? []).some((output) => output.name === featuresOutput)) {
    throw unusable(dir, `text_encoder/model.onnx has no input_ids or no ${featuresOutput}`);
  }
  const found = (graph.node ?? [])
    .filter((node) => node.opType === 'Gather')
    .map((node) => ({ node, table: tableOf(model, node) }))
    .find(
      ({ node, table }) =>
        table !== undefined &&
        (table.dims[0] ?? 0) >= vocabulary &&
        traceBack(graph, node.input?.[1] ?? '', passThrough) === 'input_ids',
    );
  if (!found?.table) {
    throw unusable(dir, 'text_encoder/model.onnx has no token-embedding table of the vocabulary');
  }
  const { node: gather, table } = found;
  const made = gather.output?.[0] ?? '';
  const dims = ids.type?.tensorType?.shape?.dim ?? [];
  const [batch, fixed] = [0, 1].map((axis) => {
    const size = dims[axis]?.dimValue;
    return size === undefined ? undefined : Number(size);
  });

  // The embeddings enter under a name of their own; an Identity keeps the old name alive.
  const entry: NodeProto = {
    opType: 'Identity',
    name: 'tokens',
    input: [tokenInput],
    output: [made],
  };
  const cut = withGraph(model, {
    node: [entry, ...(graph.node ?? []).filter((node) => node !== gather)],
    input: [
      ...(graph.input ?? []),
      valueInfoProto(tokenInput, 'float32', [
        batch ?? 'batch',
        fixed ?? 'sequence',
        table.dims[1] ?? 0,
      ]),
    ],
  });
  const pruned = prune(cut, [featuresOutput]);
  return {
    model: pruned,
    needsIds: (graphOf(pruned).input ?? []).some((input) => input.name === 'input_ids'),
    table,
    length: fixed,
    idsType: ids.type?.tensorType?.elemType === 6 ? 'int32' : 'int64',
  };
}

/** The table that a Gather reads: a matrix of weights, perhaps stored in half precision. */
function tableOf(model: OnnxModel, gather: NodeProto): Float32Tensor | undefined {
  const graph = graphOf(model);
  const source = traceBack(graph, gather.input?.[0] ?? '', ['Cast', 'Identity']);
  const proto = (graph.initializer ?? []).find((tensor) => tensor.name === source);
  if (proto?.dims?.length !== 2) return undefined;
  const table = tensorFromProto(proto, model.dir);
  if (table.dtype === 'float32') return table as Float32Tensor;
  return float32(table.dims, Float32Array.from(numbersOf(table)));
}
