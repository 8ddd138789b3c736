/** One render: analogy strength lambda (any number) and guidance scale sigma (>= 0). */
export interface Cell {
  readonly lambda: number;
  readonly sigma: number;
}

/**
 * What guidance compares with:
 *
 * - `anchored`: the picture's own features,
 *   eps = U(c_B) + sigma (U(c_B + lambda e) - U(c_B)): lambda = 0 gives B back at every sigma;
 * - `classic`, the paper's: the empty text,
 *   eps = U(c_empty) + sigma (U(c_B + lambda e) - U(c_empty)).
 */
export type GuidanceMode = 'anchored' | 'classic';

/** A share of the prediction: weight * U(z, t, c). */
export interface Term {
  readonly weight: number;
  /** [L, D]; shared between terms that mean the same features, so that they can be told by it. */
  readonly c: Float32Array;
}

export interface GuidanceInput {
  readonly mode: GuidanceMode;
  /** c_B, [L, D]. */
  readonly c: Float32Array;
  /** e = c_A' - c_A, or a sum of several, [L, D]. */
  readonly direction: Float32Array;
  /** Keep the base's term where its weight is 0: for those who compare with it. @default false */
  readonly keepBase?: boolean;
  /** C(''), [L, D]; only `classic` reads it. */
  readonly empty?: Float32Array;
}

/**
 * The terms of each cell. A branch with weight 0 is left out, and cells that come to the same
 * (every sigma at lambda = 0, anchored) share one list.
 * @throws RangeError for numbers that are not finite, or a negative sigma
 */
export function guidanceTerms(input: GuidanceInput, cells: readonly Cell[]): (readonly Term[])[] {
  const { mode, c, direction, empty, keepBase = false } = input;
  if (mode === 'classic' && !empty) throw new TypeError('classic guidance needs C("")');
  const base = mode === 'anchored' ? c : (empty as Float32Array);
  const features = memo((lambda: number) =>
    lambda === 0 ? c : c.map((value, i) => value + lambda * (direction[i] as number)),
  );
  const lists = new Map<string, readonly Term[]>();
  return cells.map(({ lambda, sigma }) => {
    if (!Number.isFinite(lambda) || !Number.isFinite(sigma) || sigma < 0) {
      throw new RangeError(`lambda ${lambda} and sigma ${sigma} must be finite, and sigma >= 0`);
    }
    const edited = features(lambda);
    const onlyBase = sigma === 0 || edited === base;
    const key = onlyBase ? 'base' : `${lambda} ${sigma}`;
    const known = lists.get(key);
    if (known) return known;
    const terms: Term[] = onlyBase
      ? [{ weight: 1, c: base }]
      : [
          { weight: 1 - sigma, c: base },
          { weight: sigma, c: edited },
        ].filter((term) => term.weight !== 0 || (keepBase && term.c === base));
    lists.set(key, terms);
    return terms;
  });
}

function memo<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as V;
  };
}
