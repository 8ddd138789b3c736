import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { paintedEngine } from '../../bots/web/painted-engine.ts';
import { serveWeb } from '../../bots/web/serve.ts';

/** Debian's; another one is named by CHROMIUM. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const isThere = existsSync(executablePath);

/** The path of a picture of `samples/`. */
export const sample = (name: string) =>
  new URL(`../../../samples/${name}.png`, import.meta.url).pathname;

/** As `expect.poll`, with the patience of the pages. */
export const settled = <Value>(look: () => Value) => expect.poll(look, { timeout: 20_000 });

/** Tests with a browser; they are skipped where there is none. */
export function inBrowser(name: string, tests: (browser: () => Browser) => void): void {
  const about = `${name}, in ${executablePath}${isThere ? '' : ' (not installed)'}`;
  describe.skipIf(!isThere)(about, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser?.close());
    tests(() => browser);
  });
}

/** Tests in which a visitor sees the page, on an engine that paints at once; each has a server of its own. */
export function withVisitor(name: string, tests: (ada: Visitor) => void): void {
  inBrowser(name, (browser) => {
    const ada = visitor(browser);
    beforeEach(ada.begin);
    afterEach(ada.end);
    tests(ada);
  });
}

/** Opens pages and notes what goes wrong in them: errors, and requests to anybody else. */
export function pageOf(browser: () => Browser, url: () => string) {
  const one = {
    page: undefined as unknown as Page,
    wrong: [] as string[],
    async visit(options: Parameters<Browser['newContext']>[0] = {}) {
      const context = await browser().newContext({ reducedMotion: 'reduce', ...options });
      one.page = await context.newPage();
      // Shorter than a test, so that what is missing is named.
      one.page.setDefaultTimeout(20_000);
      one.wrong = [];
      one.page.on('pageerror', ({ message }) => one.wrong.push(message));
      one.page.on('console', (told) => {
        if (told.type() === 'error') one.wrong.push(told.text());
      });
      one.page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        const isOwn = `${origin}/` === url() || protocol === 'blob:' || protocol === 'data:';
        if (!isOwn) one.wrong.push(`a request to ${request.url()}`);
      });
      await one.page.goto(url());
      await one.ready();
    },
    ready: () => one.page.locator('html[data-ready]').waitFor(),
    button: (name: string | RegExp) => one.page.getByRole('button', { name }),
    dialog: () => one.page.getByRole('dialog'),
    async putSamples() {
      await one.button('Try the samples').click();
      await one.page.locator('.zone.filled').nth(2).waitFor();
    },
    async make() {
      await one.putSamples();
      await one.button('Make it').click();
    },
    result: () => one.page.locator('.card .result'),
    /** The width in pixels of a picture as it came, 0 where it did not. */
    widthOf: (selector: string) =>
      one.page
        .locator(selector)
        .evaluate(async (image: { decode(): unknown; naturalWidth: number }) => {
          await image.decode();
          return image.naturalWidth;
        }),
  };
  return one;
}

interface Stage {
  folder: string;
  engine: Awaited<ReturnType<typeof paintedEngine>>;
  web: Awaited<ReturnType<typeof serveWeb>>;
  store(): string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

export type Visitor = ReturnType<typeof pageOf> & Stage;

function visitor(browser: () => Browser): Visitor {
  const stage: Pick<Stage, 'store' | 'begin' | 'end'> = {
    store: () => join(ada.folder, 'messages.sqlite'),
    async begin() {
      ada.folder = mkdtempSync(join(tmpdir(), 'likewise-e2e-'));
      ada.engine = await paintedEngine();
      ada.web = await serveWeb(ada.engine, { store: ada.store() });
    },
    async end() {
      await ada.page?.context().close();
      await ada.web.close();
      rmSync(ada.folder, { recursive: true });
    },
  };
  // The rest is there once it has begun.
  const ada = Object.assign(
    pageOf(browser, () => ada.web.url),
    stage,
  ) as Visitor;
  return ada;
}
