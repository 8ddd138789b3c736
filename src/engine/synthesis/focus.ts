/**
 * Where an edit changes what the U-Net predicts, per place of the latent: 1 where the difference of
 * the two predictions, over the channels, is `focus` of its largest value or more, 0 where it is half
 * of that or less, linear between. (The idea of DiffEdit's mask, arXiv 2210.11427, at each step.)
 * @param base and `edited`: predictions for the same latent [C, h, w]
 * @returns [h, w]
 */
export function focusMask(
  base: Float32Array,
  edited: Float32Array,
  size: { channels: number; height: number; width: number },
  focus: number,
): Float32Array {
  const { channels, height, width } = size;
  const area = height * width;
  const difference = Float64Array.from({ length: area }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      sum += ((edited[c * area + p] as number) - (base[c * area + p] as number)) ** 2;
    }
    return Math.sqrt(sum);
  });
  // What a place's neighbours need, it needs too: an edge has two sides.
  const widest = Float64Array.from(difference, (_, p) => {
    const [x, y] = [p % width, Math.floor(p / width)];
    let most = 0;
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        most = Math.max(most, difference[v * width + u] as number);
      }
    }
    return most;
  });
  const largest = widest.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return new Float32Array(area);
  return Float32Array.from(widest, (value) =>
    Math.min(1, Math.max(0, (2 * value) / (largest * focus) - 1)),
  );
}

/** ours + mask * (theirs - ours), the mask [h, w] over every channel of [C, h, w]. */
export function blend(ours: Float32Array, theirs: Float32Array, mask: Float32Array): Float32Array {
  return ours.map((value, i) => {
    const share = mask[i % mask.length] as number;
    return share === 0 ? value : value + share * ((theirs[i] as number) - value);
  });
}
