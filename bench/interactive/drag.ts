/** Drags of the strength slider, by mouse, in the page itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** Milliseconds for the final picture. */
const patience = 120_000;

export interface Counts {
  /** Places of the slider that the page heard of. */
  readonly positions: number;
  readonly started: number;
  readonly finished: number;
  readonly cancelled: number;
  readonly failed: number;
  /** Pictures that were there to be seen. */
  readonly shown: number;
}

export interface Release {
  readonly lambda: number;
  readonly guidance: number;
  /** From the release until the picture of exactly this place was loaded. */
  readonly ms: number;
}

/** Before the page is opened. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript({ path: fileURLToPath(new URL('watch.js', import.meta.url)) });
}

export function countsOf(page: Page): Promise<Counts> {
  return page.evaluate<Counts>('likewiseWatch.counts');
}

/**
 * Takes the slider from one end of a way to the other, and lets go as soon as the last position is
 * reached: what is being drawn then is not what is wanted.
 * @param way shares of the slider's length
 * @param positions after the one where the pointer goes down
 * @param everyMs milliseconds between two of them
 */
export async function drag(
  page: Page,
  way: readonly [number, number],
  positions: number,
  everyMs: number,
): Promise<{ readonly release: Release; readonly seconds: number }> {
  const slider = page.getByRole('slider', { name: 'Strength' }).first();
  await slider.evaluate((element: never) => {
    (element as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'center' });
  });
  const box = await slider.boundingBox();
  if (!box) throw new Error('the slider cannot be seen');
  const x = (n: number) => box.x + box.width * (way[0] + ((way[1] - way[0]) * n) / positions);
  const y = box.y + box.height / 2;
  await page.mouse.move(x(0), y);
  await page.mouse.down();
  const began = performance.now();
  for (let n = 1; n <= positions; n++) {
    await sleep(Math.max(0, began + n * everyMs - performance.now()));
    await page.mouse.move(x(n), y);
  }
  const seconds = (performance.now() - began) / 1000;
  await page.mouse.up();
  return { release: await settled(page), seconds };
}

/** Moves the other slider by a step, so that the next drag meets nothing that was drawn before. */
export async function nextGuidance(page: Page): Promise<void> {
  await page.getByRole('slider', { name: 'Guidance' }).first().press('ArrowRight');
  await settled(page);
}

function settled(page: Page): Promise<Release> {
  return page.evaluate<Release>(`likewiseWatch.settled(${patience})`);
}
