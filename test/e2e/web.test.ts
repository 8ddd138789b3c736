import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { paintedEngine } from '../bots/web/painted-engine.ts';
import { serveWeb } from '../bots/web/serve.ts';

/** Debian's; another one is named by CHROMIUM. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Where the screenshots go; by default they are made and thrown away. */
const shots = process.env.LIKEWISE_SCREENSHOTS;
const isThere = existsSync(executablePath);
const sample = (name: string) => new URL(`../../samples/${name}.png`, import.meta.url).pathname;

describe.skipIf(!isThere)(
  `the page in ${executablePath}${isThere ? '' : ' (not installed)'}`,
  () => {
    let browser: Browser;
    let folder: string;
    let engine: Awaited<ReturnType<typeof paintedEngine>>;
    let web: Awaited<ReturnType<typeof serveWeb>>;
    let page: Page;
    let wrong: string[];
    const store = () => join(folder, 'messages.sqlite');

    const visit = async (options: Parameters<Browser['newContext']>[0] = {}) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      page = await context.newPage();
      // Shorter than a test, so that what is missing is named.
      page.setDefaultTimeout(20_000);
      wrong = [];
      page.on('pageerror', ({ message }) => wrong.push(message));
      page.on('console', (told) => {
        if (told.type() === 'error') wrong.push(told.text());
      });
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        const isOwn = `${origin}/` === web.url || protocol === 'blob:' || protocol === 'data:';
        if (!isOwn) wrong.push(`a request to ${request.url()}`);
      });
      await page.goto(web.url);
      await ready();
    };
    const ready = () => page.locator('html[data-ready]').waitFor();
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const make = async () => {
      await button('Try the samples').click();
      await page.locator('.zone.filled').nth(2).waitFor();
      await button('Make it').click();
    };
    const result = () => page.locator('.card .result');
    /** The width in pixels of a picture as it came, 0 where it did not. */
    const widthOf = (selector: string) =>
      page
        .locator(selector)
        .evaluate(async (image: { decode(): unknown; naturalWidth: number }) => {
          await image.decode();
          return image.naturalWidth;
        });

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser?.close());
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'likewise-e2e-'));
      engine = await paintedEngine();
      web = await serveWeb(engine, { store: store() });
    });
    afterEach(async () => {
      await page?.context().close();
      await web.close();
      rmSync(folder, { recursive: true });
    });

    it('leads from a first visit to a grid with the sample pictures', async () => {
      await visit();
      await expect.poll(() => button('Make it').getAttribute('aria-disabled')).toBe('true');
      engine.held = true;
      await make();
      await page.getByText('Number 2 in the queue.').first().waitFor();
      await page.getByText('about 2 min left').waitFor();
      engine.held = false;
      await result().waitFor();
      expect(await page.locator('.cell').count()).toBe(5);
      expect(await widthOf('.hero-picture')).toBe(254);
      expect(await page.locator('.cell input:checked').getAttribute('aria-label')).toContain(
        'Strength 1, guidance 2, suggested',
      );
      expect(await page.getByRole('link', { name: 'Labelled grid' }).count()).toBe(1);
      expect(wrong).toEqual([]);
    });

    it('moves with the sliders, and shows the last position', async () => {
      await visit();
      await make();
      await result().waitFor();
      const before = await page.locator('.hero-picture').getAttribute('src');
      const strength = page.getByRole('slider', { name: 'Strength' });
      await strength.focus();
      for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
      await page.locator('.caption', { hasText: 'strength 1.4, guidance 2' }).waitFor();
      await expect
        .poll(() => engine.requests.at(-1)?.dials)
        .toEqual({ lambda: [1.4], guidance: [2] });
      expect(await page.locator('.hero-picture').getAttribute('src')).not.toBe(before);
      // The buttons are about what is shown now.
      await button('Stronger').click();
      await page.locator('.caption', { hasText: 'strength 1.65' }).waitFor();
      expect(wrong).toEqual([]);
    });

    it('picks a cell, refines it, and goes back', async () => {
      await visit();
      await make();
      await result().waitFor();
      await page.locator('.cell').nth(3).click();
      await page.locator('.caption', { hasText: 'strength 1.5' }).waitFor();
      await button('Back to the grid').waitFor();
      await button('Weaker').click();
      await page.locator('.caption', { hasText: 'strength 1.25' }).waitFor();
      await button('Both dials').click();
      await expect.poll(() => page.locator('.cell').count()).toBe(9);
      await button('Undo').click();
      await page.locator('.caption', { hasText: 'strength 1.25' }).waitFor();
      await button('Animate').click();
      await page.locator('.hero-picture[src$=animation]').waitFor();
      expect(engine.requests.filter(({ kind }) => kind !== 'render')).toHaveLength(1);
      expect(wrong).toEqual([]);
    });

    it('applies a result to another picture that is dropped on it', async () => {
      await visit();
      await make();
      await result().waitFor();
      const bytes = readFileSync(sample('plain')).toString('base64');
      const data = await page.evaluateHandle(`(() => {
        const bytes = Uint8Array.from(atob('${bytes}'), (one) => one.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], 'plain.png', { type: 'image/png' }));
        return transfer;
      })()`);
      await page.locator('.card').dispatchEvent('drop', { dataTransfer: data });
      await expect.poll(() => page.locator('.card').count()).toBe(2);
      await page.locator('.card').first().locator('.result').waitFor();
      expect(engine.requests.map(({ kind }) => kind)).toEqual(['analogy', 'apply']);
      expect(wrong).toEqual([]);
    });

    it("draws A' over A", async () => {
      await visit();
      await page.locator('input[type=file]').first().setInputFiles(sample('plain'));
      await button('Draw A′ over A').click();
      const canvas = page.locator('.sketch-canvas');
      const pixel = (x: number, y: number) =>
        page.evaluate(`(() => {
          const canvas = document.querySelector('.sketch-canvas');
          const at = [Math.round(canvas.width * ${x}), Math.round(canvas.height * ${y})];
          return [...canvas.getContext('2d').getImageData(...at, 1, 1).data];
        })()`);
      const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      const stroke = async (y: number) => {
        await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * y);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * y, { steps: 6 });
        await page.mouse.up();
      };
      const before = await pixel(0.5, 0.1);
      await page.getByRole('radio', { name: 'Red' }).check({ force: true });
      await stroke(0.1);
      expect(await pixel(0.5, 0.1)).toEqual([229, 72, 77, 255]);
      await page.getByRole('radio', { name: 'Eraser' }).check({ force: true });
      await stroke(0.1);
      expect(await pixel(0.5, 0.1)).toEqual(before);
      await button('Undo').click();
      expect(await pixel(0.5, 0.1)).toEqual([229, 72, 77, 255]);
      await button('Use as A′').click();
      await expect.poll(() => page.locator('.zone.filled').count()).toBe(2);
      expect(await widthOf('.zone.filled >> nth=1 >> .zone-picture')).toBeGreaterThan(0);
      expect(wrong).toEqual([]);
    });

    it('keeps a library: name, find, rename, delete', async () => {
      await visit();
      await make();
      await result().waitFor();
      await button('Name …').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox').first().fill('with glasses');
      await page.keyboard.press('Enter');
      await page.locator('.toast', { hasText: 'Saved as with glasses' }).waitFor();
      await button('Library').click();
      await dialog.getByText('with glasses', { exact: true }).waitFor();
      await dialog.getByRole('searchbox').fill('nothing like it');
      await dialog.locator('.empty').waitFor();
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await dialog.getByLabel('Its name').fill('with glasses');
      await dialog.getByRole('textbox', { name: 'The new name' }).fill('spectacles');
      await page.keyboard.press('Enter');
      await dialog.getByText('Changed: spectacles.').waitFor();
      await dialog.getByRole('searchbox').fill('spect');
      await dialog.getByRole('button', { name: 'Delete …' }).click();
      await dialog.getByRole('button', { name: 'Delete it' }).click();
      await dialog.getByText('Deleted: spectacles.').waitFor();
      expect([...engine.named]).toEqual([]);
      expect(wrong).toEqual([]);
    });

    it('cancels', async () => {
      await visit();
      engine.held = true;
      await make();
      await page.locator('.making').getByRole('button', { name: 'Cancel' }).click();
      await page.locator('.card').getByText('Cancelled.').first().waitFor();
      expect(await page.locator('.making:visible').count()).toBe(0);
      expect(wrong).toEqual([]);
    });

    it('goes on after a reload in the middle, and after a restart of the server', async () => {
      await visit();
      engine.held = true;
      await make();
      await page.getByText('Number 2 in the queue.').first().waitFor();
      await page.reload();
      await ready();
      await page.getByText('Number 2 in the queue.').first().waitFor();
      const { port } = new URL(web.url);
      await web.close();
      await page.locator('#offline:visible').waitFor();
      web = await serveWeb(engine, { store: store(), port: Number(port) });
      engine.held = false;
      await result().waitFor();
      expect(engine.requests).toHaveLength(1);
    });

    it('says what is wrong with a refused file, and takes the next one', async () => {
      await visit();
      await button('Try the samples').click();
      await page.locator('.zone.filled').nth(2).waitFor();
      const files = page.locator('input[type=file]');
      const text = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('some text') };
      await files.first().setInputFiles(text);
      await page.getByText('notes.png').waitFor();
      await button('Make it').click();
      await page.getByRole('alert').filter({ hasText: 'not a picture that can be read' }).waitFor();
      await files.first().setInputFiles(sample('plain'));
      await button('Make it').click();
      await result().waitFor();
      expect(wrong).toEqual([]);
    });

    it('forgets all, after a question', async () => {
      await visit();
      await make();
      await result().waitFor();
      await page.locator('#more summary').click();
      await button('Forget me').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Forget all that is mine' }).click();
      await dialog.getByText(/^Forgotten: 3 pictures/).waitFor();
      await expect.poll(() => page.locator('.card').count()).toBe(0);
      await page.reload();
      await ready();
      expect(await page.locator('.card').count()).toBe(0);
      expect(wrong).toEqual([]);
    });

    it('can be used with the keyboard alone', async () => {
      await visit();
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the answers');
      const names: string[] = [];
      for (let i = 0; i < 16; i++) {
        await page.keyboard.press('Tab');
        const name =
          "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";
        names.push(String(await page.evaluate(name)).split(/[,.:]/)[0] ?? '');
      }
      const order = ['Library', 'Help', 'A', 'A′', 'Another example', 'B', 'Make it'];
      const places = order.map((name) => names.indexOf(name));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      await button('Library').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Library' }).waitFor();
      await page.keyboard.press('Escape');
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(await page.evaluate('document.activeElement.id')).toBe('open-library');
    });

    it.each([
      [360, 'light'],
      [360, 'dark'],
      [1440, 'light'],
      [1440, 'dark'],
    ] as const)('fits %i pixels, %s', async (width, colorScheme) => {
      await visit({ viewport: { width, height: width < 500 ? 780 : 900 }, colorScheme });
      await make();
      await result().waitFor();
      await widthOf('.hero-picture');
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      if (shots) mkdirSync(shots, { recursive: true });
      const path = join(shots ?? folder, `page-${width}-${colorScheme}.png`);
      const picture = await page.screenshot({ path, fullPage: true });
      expect(picture.length).toBeGreaterThan(20_000);
      await button('Draw A′ over A').click();
      await page.screenshot({ path: path.replace('page', 'sketch') });
      expect(wrong).toEqual([]);
    });
  },
);
