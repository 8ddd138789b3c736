import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProduct, type RunningProduct } from './product.ts';
import { inBrowser, pageOf, sample } from './visitor.ts';

/** Milliseconds for an analogy of the embedded model, some 20 s on two idle cores. */
const patience = 300_000;

/** The pixels of a picture of the page and of B, both 32 by 32, and how far they are apart. */
const difference = (selector: string) => `(async () => {
  const pixels = async (image) => {
    await image.decode();
    const canvas = new OffscreenCanvas(32, 32);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 32, 32);
    return context.getImageData(0, 0, 32, 32).data;
  };
  const b = new Image();
  b.src = '/api/samples/friend.png';
  const [one, other] = [await pixels(document.querySelector('${selector}')), await pixels(b)];
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / one.length;
})()`;

inBrowser('the page with the engine itself', (browser) => {
  let product: RunningProduct;
  const ada = pageOf(browser, () => product.url);
  beforeAll(async () => {
    product = await openProduct();
  }, patience);
  afterAll(async () => {
    await ada.page?.context().close();
    await product?.close();
  });
  const firstCard = () => ada.page.locator('.card').first();
  const previewed = () =>
    firstCard().locator('.making .preview:visible').waitFor({ timeout: patience });

  it('makes the sample analogy, and outlives an engine that is killed in the middle of the next', {
    timeout: 3 * patience,
  }, async () => {
    await ada.visit();
    const { page } = ada;
    await ada.make();
    await previewed();
    expect(await ada.widthOf('.making .preview')).toBeGreaterThan(0);
    expect(await page.locator('.preview-frame .badge').textContent()).toMatch(/^(A|A′|B)$/);
    await ada.result().waitFor({ timeout: patience });

    expect(await page.locator('.cell').count()).toBe(5);
    // Strength 0 is B as it was, or nearly so; the strongest is not.
    const [none, most] = [0, 4].map((n) => `.cell:nth-of-type(${n + 1}) img`);
    await page.locator('.cell img').last().scrollIntoViewIfNeeded();
    const [still, changed] = [
      Number(await page.evaluate(difference(none ?? ''))),
      Number(await page.evaluate(difference(most ?? ''))),
    ];
    expect(changed).toBeGreaterThan(2);
    expect(still).toBeLessThan(changed);

    const before = await page.locator('.hero-picture').getAttribute('src');
    const strength = page.getByRole('slider', { name: 'Strength' });
    await strength.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    const caption = page.locator('.caption', { hasText: 'strength 1.2, guidance 2' });
    await caption.waitFor({ timeout: patience });
    expect(await page.locator('.hero-picture').getAttribute('src')).not.toBe(before);
    expect(await ada.widthOf('.hero-picture')).toBeGreaterThan(0);
    expect(ada.wrong).toEqual([]);

    // Another A, so that little of it is known, and it has to be found.
    const files = page.locator('input[type=file]');
    await files.first().setInputFiles(sample('friend'));
    await ada.button(/^A, before: holds/).waitFor();
    await ada.button('Make it').click();
    await previewed();
    product.killEngine();
    await expect.poll(product.starts, { timeout: patience }).toBe(2);
    await firstCard().locator('.result').waitFor({ timeout: patience });
    expect(await page.locator('.card').count()).toBe(2);
    expect(await firstCard().locator('.cell').count()).toBe(5);
    expect(await firstCard().getByRole('alert').count()).toBe(0);
    expect(Number(await page.evaluate(difference('.hero-picture')))).toBeGreaterThan(0);

    await page.reload();
    await ada.ready();
    await firstCard().locator('.result').waitFor();
    expect(await page.locator('.card .result').count()).toBe(2);
    expect(await page.locator('.card .cell').count()).toBe(10);
    expect(await ada.widthOf('.card >> nth=0 >> .hero-picture')).toBeGreaterThan(0);
  });
});
