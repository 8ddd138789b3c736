import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Engine } from '../../../src/engine/client.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { fakeEngine, type Strings } from '../../commands/fake-engine.ts';

const demo = new URL('../../../docs/img/likewise-demo.png', import.meta.url);
const friend = new URL('../../../samples/friend.png', import.meta.url);

/** The cells of the demo's picture, at strengths 0 to 2. */
const cell = (place: number) => ({
  left: 104 + Math.round(place * 273.7),
  top: 455,
  width: 254,
  height: 254,
});

/**
 * The commands' fake engine with pictures: it takes what looks like a PNG file, and shows the demo's
 * pictures, each at the strength that is nearest.
 */
export async function paintedEngine(): Promise<Engine & Strings> {
  const engine = fakeEngine();
  const { putPicture, file } = engine;
  const bytes = readFileSync(demo);
  const cells = await Promise.all(
    [0, 1, 2, 3, 4].map((place) => sharp(bytes).extract(cell(place)).png().toBuffer()),
  );
  const preview = await sharp(readFileSync(friend)).blur(6).png().toBuffer();
  const wave = await sharp(
    [0, 1, 2, 3, 4, 3, 2, 1].map((place) => cells[place] as Buffer),
    { join: { animated: true } },
  )
    .webp({ loop: 0, delay: 120 })
    .toBuffer();
  engine.putPicture = async (owner, picture, signal) => {
    const parts: Uint8Array[] = [];
    for await (const part of picture instanceof Uint8Array ? [picture] : picture) parts.push(part);
    const all = Buffer.concat(parts);
    if (!all.subarray(1, 4).equals(Buffer.from('PNG'))) {
      throw new LikewiseError('PICTURE_UNKNOWN', { picture: 'The picture' });
    }
    return putPicture(owner, new TextEncoder().encode(`picture ${all.length}`), signal);
  };
  engine.file = async (owner, name) => {
    await file(owner, name);
    const png = (data: Buffer) => ({ type: 'image/png', bytes: new Uint8Array(data) });
    if (name.startsWith('preview')) return png(preview);
    const [job = '', part = ''] = name.split(/\.(?=[^.]*$)/);
    if (part === 'grid') return png(bytes);
    if (part === 'animation') return { type: 'image/webp', bytes: new Uint8Array(wave) };
    const { dials } = (await engine.job(owner, job)).request;
    const lambda = dials.lambda[Number(part) % dials.lambda.length] ?? 0;
    const place = Math.min(4, Math.max(0, Math.round(lambda * 2)));
    return png(cells[place] as Buffer);
  };
  return engine;
}
