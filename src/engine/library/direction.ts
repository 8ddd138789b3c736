/**
 * Directions in the space of text features, e = c_A' - c_A, [L, D]: they can be added, averaged over
 * several pairs, and turned round. Sums are made in double precision and rounded once, so their order
 * does not show but in the last bit.
 */
export interface WeightedDirection {
  readonly direction: Float32Array;
  /** Any finite number; less than 0 is the opposite change. */
  readonly weight: number;
}

/**
 * sum of weight x direction.
 * @throws RangeError for none, for different lengths, a weight that is not finite, or a sum beyond
 *   single precision
 */
export function sumDirections(terms: readonly WeightedDirection[]): Float32Array {
  const [first] = terms;
  if (!first) throw new RangeError('no direction to sum');
  const sum = new Float64Array(first.direction.length);
  for (const { direction, weight } of terms) {
    if (direction.length !== sum.length) {
      throw new RangeError(`directions of different lengths: ${sum.length}, ${direction.length}`);
    }
    if (!Number.isFinite(weight)) throw new RangeError(`${weight} is no weight`);
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + weight * (direction[i] as number);
    }
  }
  const rounded = Float32Array.from(sum);
  if (!rounded.every(Number.isFinite)) throw new RangeError('the sum is not finite');
  return rounded;
}

/** The mean of several directions: what their pairs have in common. @throws as `sumDirections` */
export function averageDirections(directions: readonly Float32Array[]): Float32Array {
  const sum = directions.map((direction) => ({ direction, weight: 1 / directions.length }));
  return sumDirections(sum);
}
