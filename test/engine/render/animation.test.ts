import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { RgbPicture } from '../../../src/engine/intake/index.ts';
import { type AnimationFrame, renderAnimation } from '../../../src/engine/render/index.ts';

type Rgb = [number, number, number];

function flat(colour: Rgb, width = 32, height = 32): RgbPicture {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) rgb.set(colour, i);
  return { rgb, width, height };
}

const colourOf = (lambda: number): Rgb => [120 + 60 * lambda, 60, 200 - 50 * lambda];

const sweep = (lambdas: number[], width = 32, height = 32): AnimationFrame[] =>
  lambdas.map((lambda) => ({ lambda, picture: flat(colourOf(lambda), width, height) }));

async function decoded(bytes: Uint8Array) {
  const { width, pageHeight, pages, delay, loop, format } = await sharp(bytes, {
    animated: true,
  }).metadata();
  const frames = await Promise.all(
    Array.from({ length: pages ?? 1 }, (_, page) =>
      sharp(bytes, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  const pixel = (frame: number, x: number, y: number) => {
    const { data, info } = frames[frame] as (typeof frames)[0];
    return [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
  };
  return { width, height: pageHeight, delay, loop, format, frames, pixel };
}

/** Compression may move a colour a little. */
const near = (colour: number[], wanted: number[], by = 6) =>
  colour.every((value, i) => Math.abs(value - (wanted[i] as number)) <= by);

for (const format of ['webp', 'gif'] as const) {
  describe(`the sweep as ${format}`, () => {
    test('goes forth and back, for ever, and stays longer where it turns', async () => {
      const film = await decoded(
        await renderAnimation(sweep([0, 0.5, 1, 1.5]), { format, side: 64 }),
      );
      expect(film.format).toBe(format);
      expect(film.loop).toBe(0);
      expect(film.frames).toHaveLength(6);
      const [least = 0, passing = 0, , most = 0] = film.delay ?? [];
      expect(film.delay).toEqual([least, passing, passing, most, passing, passing]);
      expect(passing).toBeGreaterThan(0);
      expect(Math.min(least, most)).toBeGreaterThan(passing);
      for (const [i, lambda] of [0, 0.5, 1, 1.5, 1, 0.5].entries()) {
        expect([lambda, film.pixel(i, 32, 32)]).toSatisfy(
          ([at, colour]: [number, number[]]) => at === lambda && near(colour, colourOf(lambda)),
        );
      }
    });

    test('is the same bytes for the same content, in whatever order the frames come', async () => {
      const frames = sweep([-1, 0, 1]);
      const bytes = Buffer.from(await renderAnimation(frames, { format, side: 48 }));
      expect(bytes.equals(await renderAnimation(frames, { format, side: 48 }))).toBe(true);
      const turned = await renderAnimation(frames.toReversed(), { format, side: 48 });
      expect(bytes.equals(turned)).toBe(true);
    });

    test('says each strength under its picture, unless it is told not to', async () => {
      const picture = flat([90, 90, 90]);
      const frames = [0, 0.25, 1].map((lambda) => ({ lambda, picture }));
      const film = await decoded(await renderAnimation(frames, { format, side: 128 }));
      expect(film.width).toBe(128);
      expect(film.height).toBeGreaterThan(128 + 22);
      const below = film.frames.map(({ data }) => data.subarray(3 * 128 * 130));
      // Dark letters on a light card, other ones in each frame.
      for (const part of below) {
        expect(Math.min(...part)).toBeLessThan(90);
        expect(Math.max(...part)).toBeGreaterThan(220);
      }
      expect(below[0]?.equals(below[1] as Buffer)).toBe(false);
      expect(below[1]?.equals(below[2] as Buffer)).toBe(false);
      const bare = await decoded(
        await renderAnimation(sweep([0, 1]), { format, side: 128, label: false }),
      );
      expect([bare.width, bare.height]).toEqual([128, 128]);
      expect(near(bare.pixel(1, 64, 125), colourOf(1))).toBe(true);
    });

    test('keeps the shape of the pictures, and leaves the label room', async () => {
      const wide = await decoded(
        await renderAnimation(sweep([0, 1], 40, 20), { format, side: 128, label: false }),
      );
      expect([wide.width, wide.height]).toEqual([128, 64]);
      const narrow = await decoded(
        await renderAnimation(sweep([0, 0.75], 4, 40), { format, side: 128 }),
      );
      // The picture is 13 pixels wide, its label more; the card is beside it.
      expect(narrow.width).toBeGreaterThan(40);
      expect(near(narrow.pixel(1, (narrow.width as number) >> 1, 64), colourOf(0.75), 24)).toBe(
        true,
      );
      expect(Math.min(...narrow.pixel(1, 1, 64))).toBeGreaterThan(220);
    });

    test('is one still picture where there is one strength', async () => {
      const film = await decoded(await renderAnimation(sweep([1]), { format, side: 64 }));
      expect(film.frames).toHaveLength(1);
      expect(near(film.pixel(0, 32, 32), colourOf(1))).toBe(true);
    });

    test('keeps its time where two strengths look the same', async () => {
      const picture = flat([10, 200, 30]);
      const frames = [...[0, 1].map((lambda) => ({ lambda, picture })), ...sweep([2])];
      const total = async (pictures: AnimationFrame[]) => {
        const bytes = await renderAnimation(pictures, { format, side: 32, label: false });
        const { delay = [] } = await decoded(bytes);
        return delay.reduce((sum, ms) => sum + ms, 0);
      };
      expect(await total(frames)).toBe(await total(sweep([0, 1, 2])));
    });
  });
}

test('a sweep needs frames of one size and a strength each', async () => {
  const refused = (frames: AnimationFrame[], side = 64) =>
    expect(renderAnimation(frames, { format: 'webp', side })).rejects.toThrow(RangeError);
  await refused([]);
  await refused([...sweep([0]), ...sweep([1], 16, 32)]);
  await refused(sweep([0, 1, 1]));
  await refused(sweep([Number.NaN]));
  for (const side of [0, 15, 64.5, 2049, Number.NaN]) await refused(sweep([0, 1]), side);
});
