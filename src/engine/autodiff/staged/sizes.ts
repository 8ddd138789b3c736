import { DTYPES } from '../../onnx/index.ts';
import type { Dim } from '../dim.ts';
import type { Facts } from '../infer/index.ts';

/** Elements of one dimension for a batch of one: free sizes count 1. */
function sizeOfDim(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  const factors = dim.split('*').map((part) => (/^\d+$/.test(part) ? Number(part) : 1));
  return factors.reduce((product, factor) => product * factor, 1);
}

/** Bytes of a value for a batch of one; 0 where its shape is not known. */
export function bytesOf({ dims, dtype }: Facts): number {
  const element = DTYPES[dtype ?? 'float32'].bytes;
  return dims ? dims.reduce<number>((n, d) => n * sizeOfDim(d), element) : 0;
}
