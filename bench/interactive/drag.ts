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

/** Between these shares of its length the slider goes to and fro. */
const [from, to] = [0.1, 0.85];
/** Where it is let go, in turn: outside of that, so that nothing was drawn there before. */
const ends = [0.95, 0.03] as const;
/** Positions from one side to the other. */
const wayLength = 20;

/**
 * Where the pointer is in the course of a drag, as shares of the slider's length; each two in a row are
 * several of its steps apart, so that each is a position.
 * @param count of them, with the one where it goes down
 */
export function courseOf(count: number, nth: number): number[] {
  const course = Array.from({ length: count }, (_, n) => {
    const ways = n / wayLength;
    const share = Math.floor(ways) % 2 === 0 ? ways % 1 : 1 - (ways % 1);
    return from + (to - from) * share;
  });
  return [...course.slice(0, -1), ends[nth % 2] as number];
}

/**
 * Takes the slider along a course, and lets go as soon as its last position is reached: what is being
 * drawn then is not what is wanted.
 * @param course shares of the slider's length; the pointer goes down at the first
 * @param everyMs milliseconds between two of them
 */
export async function drag(
  page: Page,
  course: readonly number[],
  everyMs: number,
): Promise<{ readonly release: Release; readonly seconds: number }> {
  const slider = page.getByRole('slider', { name: 'Strength' }).first();
  await slider.evaluate((element: never) => {
    (element as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'center' });
  });
  const box = await slider.boundingBox();
  if (!box) throw new Error('the slider cannot be seen');
  const x = (n: number) => box.x + box.width * (course[n] as number);
  const y = box.y + box.height / 2;
  await page.mouse.move(x(0), y);
  await page.mouse.down();
  const began = performance.now();
  for (let n = 1; n < course.length; n++) {
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
