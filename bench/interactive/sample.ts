/** What a visitor does first, in a browser. */
import type { Page } from 'playwright-core';

/** Milliseconds for the sample analogy; it takes some 20 s on two idle cores. */
const patience = 300_000;

/** Opens the page and waits for the conversation. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('html[data-ready]').waitFor();
}

/** Puts the sample pictures in. */
export async function putSamples(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the samples' }).click();
  await page.locator('.zone.filled').nth(2).waitFor();
}

/** Asks for the analogy of what was put in. */
export async function make(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.locator('.card').first().waitFor();
}

/**
 * Waits for the answer.
 * @throws with the page's own words where something went wrong
 */
export async function madeResult(page: Page): Promise<void> {
  const result = page.locator('.card .result');
  const problem = page.locator('[role=alert]');
  await result.or(problem).first().waitFor({ timeout: patience });
  if ((await result.count()) === 0) throw new Error(`the page says: ${await problem.innerText()}`);
  // Otherwise the page has more to do when the clock runs.
  await page.locator('.making').waitFor({ state: 'hidden' });
}
