/**
 * Random numbers that a seed and a name decide, on every machine: xoshiro128** (Blackman and
 * Vigna, arXiv 1805.01407), its state filled by SplitMix32 from a hash of the seed and the name.
 *
 * A stream has a name instead of a place in one long sequence, so that nothing has to be saved to
 * resume: iteration k draws from ('noise', k) whatever was drawn before.
 */
export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A multiple of 2^-32 in [0, 1). */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method). */
  gaussian(): number;
  /** `count` standard normals, rounded to float32. */
  gaussians(count: number): Float32Array;
}

/** @param seed any integer; @param name what the numbers are for */
export function createRandom(seed: number, ...name: readonly (string | number)[]): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is an integer, not ${seed}`);
  let mix = hash(JSON.stringify([seed, ...name]));
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix() | 1];
  let spare: number | undefined;

  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const uniform = (): number => uint32() / 2 ** 32;
  const gaussian = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };
  return {
    uint32,
    uniform,
    gaussian,
    gaussians: (count) => Float32Array.from({ length: count }, gaussian),
  };
}

function rotateLeft(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** FNV-1a with a final mix: names that differ by one letter start far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  return h ^ (h >>> 15);
}
