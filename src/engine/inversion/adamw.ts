/** AdamW (Loshchilov and Hutter, arXiv 1711.05101) as a state machine; a step changes nothing. */
export interface AdamWOptions {
  learningRate: number;
  /** @default 0.9 */
  beta1?: number;
  /** @default 0.999 */
  beta2?: number;
  /** @default 1e-8 */
  epsilon?: number;
  /** Decoupled: x shrinks by learningRate * weightDecay a step. @default 0.01 */
  weightDecay?: number;
}

export type AdamWState = {
  /** Steps made. */
  readonly step: number;
  readonly x: Float64Array;
  /** Running mean of the gradient. */
  readonly m: Float64Array;
  /** Running mean of its square. */
  readonly v: Float64Array;
};

export function adamwStart(x: ArrayLike<number>): AdamWState {
  const zeros = () => new Float64Array(x.length);
  return { step: 0, x: Float64Array.from(x), m: zeros(), v: zeros() };
}

/** One step against `gradient`, with the operations in the order that PyTorch's AdamW has them. */
export function adamwStep(
  state: AdamWState,
  gradient: ArrayLike<number>,
  options: AdamWOptions,
): AdamWState {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const step = state.step + 1;
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const m = state.m.map((value, i) => value + (1 - beta1) * ((gradient[i] as number) - value));
  const v = state.v.map((value, i) => beta2 * value + (1 - beta2) * (gradient[i] as number) ** 2);
  const x = state.x.map((value, i) => {
    const decayed = value * (1 - learningRate * weightDecay);
    const denominator = Math.sqrt(v[i] as number) / correction2 + epsilon;
    return decayed - ((learningRate / correction1) * (m[i] as number)) / denominator;
  });
  return { step, x, m, v };
}
