import type { Box, RgbPicture, Size } from './picture.ts';

/**
 * Centres a picture in a frame of the model's size. The bars continue the picture's edge, softer
 * with distance: a hard bar of one colour would be an object to the model, and would be described
 * and drawn as one.
 *
 * A bar's pixel at distance d from the picture is the mean of the edge's pixels within d / 2 of it.
 *
 * @param picture no side longer than the frame's
 * @returns the framed picture and where in it the picture lies
 */
export function letterbox(picture: RgbPicture, frame: Size): RgbPicture & { crop: Box } {
  const { width, height } = picture;
  if (width > frame.width || height > frame.height) {
    throw new RangeError(`${width} x ${height} does not fit ${frame.width} x ${frame.height}`);
  }
  const crop: Box = {
    left: Math.floor((frame.width - width) / 2),
    top: Math.floor((frame.height - height) / 2),
    width,
    height,
  };
  const rgb = new Uint8Array(frame.width * frame.height * 3);
  const row = frame.width * 3;
  for (let y = 0; y < height; y++) {
    const line = picture.rgb.subarray(y * width * 3, (y + 1) * width * 3);
    rgb.set(line, (crop.top + y) * row + crop.left * 3);
  }
  const bottom = crop.top + height;
  const right = crop.left + width;

  // Left and right bars first, along the picture's columns; then whole rows above and below.
  const columns = { from: crop.top, to: bottom, along: row, across: 3 };
  for (let x = 0; x < crop.left; x++) extend(rgb, columns, crop.left, x);
  for (let x = right; x < frame.width; x++) extend(rgb, columns, right - 1, x);
  const rows = { from: 0, to: frame.width, along: 3, across: row };
  for (let y = 0; y < crop.top; y++) extend(rgb, rows, crop.top, y);
  for (let y = bottom; y < frame.height; y++) extend(rgb, rows, bottom - 1, y);

  return { rgb, width: frame.width, height: frame.height, crop };
}

/** Cuts a rectangle out of a picture. */
export function crop(picture: RgbPicture, box: Box): RgbPicture {
  const rgb = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * picture.width + box.left) * 3;
    rgb.set(picture.rgb.subarray(start, start + box.width * 3), y * box.width * 3);
  }
  return { rgb, width: box.width, height: box.height };
}

interface Line {
  /** First and one past the last pixel along the line. */
  from: number;
  to: number;
  /** Bytes between neighbours along the line, and from one line to the next. */
  along: number;
  across: number;
}

/** Writes line `target` as the running mean of line `source`, as wide as they are apart. */
function extend(rgb: Uint8Array, line: Line, source: number, target: number): void {
  const { from, to, along, across } = line;
  const reach = Math.floor(Math.abs(target - source) / 2);
  for (let channel = 0; channel < 3; channel++) {
    const at = (index: number, which: number) => which * across + index * along + channel;
    let low = from; // the window is [low, high)
    let high = from;
    let sum = 0;
    for (let i = from; i < to; i++) {
      for (; high < Math.min(to, i + reach + 1); high++) sum += rgb[at(high, source)] ?? 0;
      for (; low < i - reach; low++) sum -= rgb[at(low, source)] ?? 0;
      rgb[at(i, target)] = Math.round(sum / (high - low));
    }
  }
}
