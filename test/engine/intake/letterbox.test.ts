import { describe, expect, test } from 'vitest';
import {
  crop,
  fromModelPixels,
  type RgbPicture,
  toModelPixels,
} from '../../../src/engine/intake/index.ts';
import { letterbox } from '../../../src/engine/intake/letterbox.ts';

/** Two rows of four grey pixels. */
const wide: RgbPicture = {
  width: 4,
  height: 2,
  rgb: Uint8Array.from([10, 20, 30, 40, 50, 60, 70, 80].flatMap((v) => [v, v, v])),
};
const tall: RgbPicture = {
  width: 2,
  height: 4,
  rgb: Uint8Array.from([10, 50, 20, 60, 30, 70, 40, 80].flatMap((v) => [v, v, v])),
};
const row = ({ rgb, width }: RgbPicture, y: number) =>
  Array.from({ length: width }, (_, x) => rgb[(y * width + x) * 3]);
const column = ({ rgb, width, height }: RgbPicture, x: number) =>
  Array.from({ length: height }, (_, y) => rgb[(y * width + x) * 3]);

describe('letterbox', () => {
  test('continues the edge, blurred by half the distance', () => {
    const framed = letterbox(wide, { width: 4, height: 8 });
    expect(framed.crop).toEqual({ left: 0, top: 3, width: 4, height: 2 });
    expect(row(framed, 3)).toEqual([10, 20, 30, 40]);
    expect(row(framed, 2)).toEqual([10, 20, 30, 40]); // d = 1: reach 0
    expect(row(framed, 1)).toEqual([15, 20, 30, 35]); // d = 2: reach 1
    expect(row(framed, 5)).toEqual([50, 60, 70, 80]);
    expect(row(framed, 7)).toEqual([55, 60, 70, 75]); // d = 3: reach 1
  });

  test('does the same sideways', () => {
    const across = letterbox(tall, { width: 8, height: 4 });
    expect(across.crop).toEqual({ left: 3, top: 0, width: 2, height: 4 });
    expect(column(across, 2)).toEqual([10, 20, 30, 40]);
    expect(column(across, 1)).toEqual([15, 20, 30, 35]);
    expect(column(across, 7)).toEqual([55, 60, 70, 75]);
  });

  test('crops back to the very picture', () => {
    for (const picture of [wide, tall]) {
      const framed = letterbox(picture, { width: 9, height: 11 });
      expect(crop(framed, framed.crop)).toEqual(picture);
    }
  });

  test('refuses a picture larger than the frame', () => {
    expect(() => letterbox(wide, { width: 3, height: 8 })).toThrow(RangeError);
  });
});

describe('model pixels', () => {
  test('are planes in [-1, 1]', () => {
    const pixels = toModelPixels({
      width: 2,
      height: 1,
      rgb: Uint8Array.of(0, 255, 51, 255, 0, 204),
    });
    expect([...pixels]).toEqual([-1, 1, 1, -1, Math.fround(51 / 127.5 - 1), Math.fround(0.6)]);
  });

  test('every 8-bit value survives the way there and back', () => {
    const rgb = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const picture = { width: 16, height: 16, rgb };
    expect(fromModelPixels(toModelPixels(picture), picture)).toEqual(picture);
  });

  test('are clipped, and of the right number', () => {
    const { rgb } = fromModelPixels(Float32Array.of(-7, 0.001, 7), { width: 1, height: 1 });
    expect([...rgb]).toEqual([0, 128, 255]);
    expect(() => fromModelPixels(new Float32Array(4), { width: 1, height: 1 })).toThrow(RangeError);
  });
});
