import { expect, it } from 'vitest';
import { defaults } from '../../../../config/index.ts';
import { decode, openDecoder } from '../../../../src/engine/intake/index.ts';
import { decoderContract } from '../../../contracts/decoder.ts';
import { limits, quarters } from '../samples.ts';

decoderContract('a decoder in a child process', () => openDecoder(defaults.intake.child));

it('gives the same pixels as the decoder of this process, to the bit', async () => {
  const child = await openDecoder(defaults.intake.child);
  const fit = { width: 100, height: 100 };
  for (const bytes of [
    await quarters(333, 217).jpeg({ progressive: true }).toBuffer(),
    await quarters(333, 217).withIccProfile('p3').webp().toBuffer(),
    await quarters(80, 40).toColourspace('cmyk').jpeg().toBuffer(),
    await quarters(80, 40).toColourspace('rgb16').withMetadata({ orientation: 8 }).png().toBuffer(),
    await quarters(40, 40).gif().toBuffer(),
  ]) {
    const request = { bytes, picture: 'B', fit, limits };
    expect(await child.decode(request)).toEqual(await decode(request));
  }
  await child.close();
});
