import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '../../src/engine/intake/index.ts';
import { isLikewiseError } from '../../src/errors.ts';
import { bad } from '../engine/intake/bad.ts';
import { animatedGif, limits, quarters } from '../engine/intake/samples.ts';

export interface OpenDecoder {
  readonly decode: Decoder;
  close(): Promise<void>;
}

/** What every `Decoder` must do. `open` gives a new one. */
export function decoderContract(name: string, open: () => Promise<OpenDecoder>): void {
  describe(`${name} keeps the decoder contract`, () => {
    let decoder: OpenDecoder;
    beforeAll(async () => {
      decoder = await open();
    });
    afterAll(() => decoder.close());

    const fit = { width: 64, height: 64 };
    const read = (bytes: Uint8Array, signal?: AbortSignal) =>
      decoder.decode({ bytes, picture: 'B', fit, limits, ...(signal && { signal }) });

    it('gives back the pixels of a picture that fits, and says what it was', async () => {
      const rgb = await quarters(64, 32).raw().toBuffer();
      const found = await read(await quarters(64, 32).png().toBuffer());
      expect(found.origin).toEqual({ format: 'png', width: 64, height: 32, notes: [] });
      expect(found).toMatchObject({ width: 64, height: 32 });
      expect(Buffer.from(found.rgb).equals(rgb)).toBe(true);
    });

    it.each(['jpeg', 'png', 'webp', 'gif'] as const)('reads %s, scaled to fit', async (format) => {
      const found = await read(await quarters(90, 60).toFormat(format).toBuffer());
      expect(found.origin).toEqual({ format, width: 90, height: 60, notes: [] });
      expect(found).toMatchObject({ width: 64, height: 43 });
      expect(found.rgb).toHaveLength(64 * 43 * 3);
    });

    it('reads the first frame, upright, in sRGB, on white, and says so', async () => {
      const animation = await read(await animatedGif());
      expect(animation.origin).toMatchObject({ width: 40, height: 30, notes: ['animated'] });
      expect([...animation.rgb.subarray(0, 3)]).toEqual([255, 0, 0]);
      const turned = await quarters(80, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer();
      expect(await read(turned)).toMatchObject({ width: 32, height: 64 });
      const profiled = await read(await quarters(64, 64).withIccProfile('p3').png().toBuffer());
      expect(Math.abs((profiled.rgb[0] ?? 0) - 220)).toBeLessThanOrEqual(3);
      const clear = { width: 40, height: 40, channels: 4, background: '#ff000000' } as const;
      const onWhite = await read(await sharp({ create: clear }).png().toBuffer());
      expect([...onWhite.rgb.subarray(0, 3)]).toEqual([255, 255, 255]);
    });

    it.each(bad)('refuses %s', async (_, make, code, words) => {
      const error = await read(await make()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, exitStatus: 2 });
      expect((error as Error).message).toMatch(words);
      expect((error as Error).message).toMatch(/^B (is|unpacks) /);
    });

    it('reads good and bad pictures at once, each for itself', async () => {
      const wide = await quarters(96, 48).jpeg().toBuffer();
      const tall = await quarters(48, 96).jpeg().toBuffer();
      const [first, second, third] = await Promise.allSettled([
        read(wide),
        read(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
        read(tall),
      ]);
      expect(first).toMatchObject({ value: { width: 64, height: 32 } });
      expect(second).toMatchObject({ reason: { code: 'PICTURE_BROKEN' } });
      expect(third).toMatchObject({ value: { width: 32, height: 64 } });
    });

    it('leaves the bytes as they are', async () => {
      const bytes = await quarters(80, 80).webp().toBuffer();
      const before = Buffer.from(bytes);
      await read(bytes);
      expect(bytes.equals(before)).toBe(true);
    });

    it('does nothing once it is aborted, and goes on with others', async () => {
      const bytes = await quarters(1200, 1200).png().toBuffer();
      await expect(read(bytes, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
      const abort = new AbortController();
      const reading = read(bytes, abort.signal);
      abort.abort(new Error('meanwhile'));
      await expect(reading).rejects.toThrow('meanwhile');
      expect(await read(bytes)).toMatchObject(fit);
    });

    it('keeps what lay behind a refusal', async () => {
      const error = await read(Buffer.from('GIF89a', 'latin1')).catch((reason: unknown) => reason);
      expect(isLikewiseError(error) && error.cause).toBeInstanceOf(Error);
      expect(String((error as Error).cause)).toMatch(/gif|buffer|corrupt|input/i);
    });
  });
}
