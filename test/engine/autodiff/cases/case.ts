import { type DType, type Tensor, tensorOf } from '../../../../src/engine/onnx/index.ts';
import { type Attribute, random, randomTensor } from '../graphs.ts';

/** One operator on a tiny graph. */
export interface Case {
  op: string;
  about?: string;
  /** Dims of the float inputs, in order; they are named x0, x1, … */
  inputs: number[][];
  /** Inputs from the names; a missing entry takes x0, x1, … */
  wires?: string[];
  constants?: (dtype: DType) => Record<string, Tensor>;
  attributes?: Record<string, Attribute>;
  outputs?: string[];
  wrt?: string[];
  range?: [number, number];
  linear?: boolean;
  opset?: number;
  /** Kernels that compute in float32 whatever the type: their differences need a larger step. */
  single?: boolean;
}

export const ints = (...values: number[]) => tensorOf('int64', [values.length], values);
export const axes =
  (...values: number[]) =>
  () => ({ k: ints(...values) });
export const unary = (op: string, range?: [number, number]): Case => ({
  op,
  inputs: [[2, 3]],
  ...(range && { range }),
});
export const floats = (name: string, dims: number[], seed: number) => (dtype: DType) => ({
  [name]: randomTensor(dtype, dims, random(seed)),
});
