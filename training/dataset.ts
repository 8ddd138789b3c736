/**
 * Renders the training set: `node training/dataset.ts OUT [COUNT] [HELD_OUT_COUNT] [SEED]`.
 *
 * Writes OUT/{train,heldout}.rgb, pictures of 128 x 128 x 3 bytes one after another,
 * OUT/{train,heldout}.maps, where words show in them (2 x 32 x 32 bytes each), and
 * OUT/{train,heldout}.txt, a caption a line. Held-out attribute sets (a tenth of all, chosen by a
 * hash of the caption) go to `heldout` alone.
 */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caption } from './avatars/attributes.ts';
import {
  createRandom,
  drawPixels,
  isHeldOut,
  randomAttributes,
  randomLook,
} from './avatars/avatar.ts';
import { drawMaps } from './avatars/counterfactual.ts';

const AT_ONCE = 16;
const [out, count = '26000', heldOutCount = '1000', seed = '1'] = process.argv.slice(2);
if (!out) {
  console.error('usage: node training/dataset.ts OUT [COUNT] [HELD_OUT_COUNT] [SEED]');
  process.exit(2);
}
mkdirSync(out, { recursive: true });
await render('train', Number(count), false);
await render('heldout', Number(heldOutCount), true);

async function render(name: string, wanted: number, heldOut: boolean): Promise<void> {
  const random = createRandom(Number(seed) * 2 + (heldOut ? 1 : 0));
  // Another sequence than the pictures', which so stay the same whatever the maps need.
  const randomMaps = createRandom(Number(seed) * 2 + (heldOut ? 1 : 0) + 0x10000);
  const pixels = createWriteStream(join(out as string, `${name}.rgb`));
  const maps = createWriteStream(join(out as string, `${name}.maps`));
  const captions: string[] = [];
  while (captions.length < wanted) {
    const batch: Promise<[Uint8Array, Uint8Array]>[] = [];
    while (batch.length < AT_ONCE && captions.length < wanted) {
      const attributes = randomAttributes(random);
      if (isHeldOut(attributes) !== heldOut) continue;
      captions.push(caption(attributes));
      const look = randomLook(attributes.style, random);
      const mapsSeed = randomMaps.next() * 2 ** 32;
      batch.push(
        drawPixels(attributes, look).then(async (picture) => [
          picture,
          await drawMaps(attributes, look, picture, createRandom(mapsSeed)),
        ]),
      );
    }
    for (const [picture, map] of await Promise.all(batch)) {
      if (!pixels.write(picture)) await once(pixels, 'drain');
      if (!maps.write(map)) await once(maps, 'drain');
    }
    if (captions.length % 2000 < AT_ONCE) console.log(`${name}: ${captions.length} of ${wanted}`);
  }
  for (const stream of [pixels, maps]) {
    stream.end();
    await once(stream, 'finish');
  }
  writeFileSync(join(out as string, `${name}.txt`), `${captions.join('\n')}\n`);
}
