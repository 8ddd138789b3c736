import { dimsOfType, dtypeOfType, type OnnxModel, valueInfoProto } from '../onnx/index.ts';
import { graphOf, withGraph } from './graph.ts';

/**
 * The model with the free dimensions of its inputs fixed, all but the batch: then the sizes of all that
 * is between are known before it runs. Dimensions that the graph fixes itself stay.
 * @param sizes what a free dimension is, by input and axis; axis 0 of each is the batch
 */
export function withSizes(
  model: OnnxModel,
  sizes: Readonly<Record<string, readonly (number | undefined)[]>>,
): OnnxModel {
  const input = (graphOf(model).input ?? []).map((info) => {
    const own = sizes[info.name ?? ''];
    const dims = dimsOfType(info.type);
    const dtype = dtypeOfType(info.type);
    if (!own || !dims || !dtype) return info;
    const fixed = dims.map((dim, axis) =>
      typeof dim === 'number' ? dim : axis === 0 ? 'batch' : (own[axis] ?? dim),
    );
    return valueInfoProto(info.name ?? '', dtype, fixed);
  });
  return withGraph(model, { input });
}
