import type { OnnxModel } from '../../onnx/index.ts';
import { constantValues, openGraph } from '../graph.ts';
import { inferFacts } from '../infer/index.ts';
import { simplify } from '../simplify.ts';
import { peakBytes } from './peak.ts';
import { bytesOf } from './sizes.ts';

/**
 * Bytes of the values of a model for a batch of one, weights apart: all of them, as a gradient that
 * keeps everything would, or (`peak`) those that a forward pass has at once. Sizes that the inputs leave
 * free count as 1.
 */
export function valueBytes(model: OnnxModel, what: 'all' | 'peak' = 'all'): number {
  const graph = openGraph(simplify(model));
  const facts = inferFacts(graph);
  const constant = constantValues(graph);
  if (what === 'peak') return peakBytes(graph, facts, constant);
  const values = graph.nodes.flatMap((n) => n.outputs).filter((o) => !constant.has(o));
  return values.reduce((sum, value) => sum + bytesOf(facts(value)), 0);
}
