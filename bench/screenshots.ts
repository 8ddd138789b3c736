/**
 * Pictures of the page and of the chat bots, with a real answer of the embedded model:
 * `npm run screenshots`. What the README shows is made by this.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { type Command, runCommand } from '../src/cli/command.ts';
import { LikewiseError } from '../src/errors.ts';
import { oneOf, readFlags } from './common/arguments.ts';
import { openChromium } from './interactive/chromium.ts';
import { startProduct } from './interactive/product.ts';
import { madeResult, make, putSamples, visit } from './interactive/sample.ts';
import { discordPictures, type PicturesOptions } from './screenshots/discord.ts';
import { slackPictures } from './screenshots/slack.ts';

const usage = `npm run screenshots -- [options]

The whole product as npm start opens it, in a folder of its own, and a browser that makes the sample
analogy. Writes pictures of the first visit, the progress, the result, a sketch and the library, 1440
and 360 pixels wide, and the result on dark ground too. Then the same with the Discord bot and the
Slack bot, on a Discord and a Slack to test against: progress and result. Prints the folder at the end.

  --out DIR     where their folders go               docs/img
  --only NAME   web, discord or slack alone
  --all         all of the page on dark ground too
  --help        this text

The browser is Chromium, named by CHROMIUM or where Debian and Google put it.
`;

const sizes = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
];

const screenshots: Command = async (args, { env, stdout, stderr, signal }) => {
  const flags = readFlags(args, {
    out: { type: 'string' },
    only: { type: 'string' },
    all: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (flags.help) {
    stdout.write(usage);
    return;
  }
  const only = oneOf('only', flags.only, 'all', ['web', 'discord', 'slack', 'all']);
  const browser = await openChromium('screenshots', env, stderr);
  if (!browser) return;
  const stop = () => void browser.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const out = flags.out ?? 'docs/img';
    const onPicture = (file: string) => void stderr.write(`screenshots: ${file}\n`);
    const common = { browser, env, signal, onPicture };
    const isAsked = (name: string) => only === 'all' || only === name;
    if (isAsked('web')) {
      await webPictures({ ...common, out: writable(join(out, 'web')), all: flags.all === true });
    }
    if (isAsked('discord'))
      await discordPictures({ ...common, out: writable(join(out, 'discord')) });
    if (isAsked('slack')) await slackPictures({ ...common, out: writable(join(out, 'slack')) });
    stdout.write(`${out}\n`);
  } finally {
    signal.removeEventListener('abort', stop);
    await browser.close();
  }
};

/** @param options.all all of them on dark ground too */
async function webPictures(options: PicturesOptions & { readonly all: boolean }): Promise<void> {
  const { browser, env, out, all, signal, onPicture } = options;
  const product = await startProduct(env, signal);
  try {
    // Nothing moves, and dates are written alike wherever this runs.
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.setViewportSize({ width: 1440, height: 900 });
    await visit(page, product.url);
    await tour(page, async (name) => {
      const themes = all || name === 'result' ? (['light', 'dark'] as const) : ['light' as const];
      for (const colorScheme of themes) {
        for (const size of sizes) {
          signal.throwIfAborted();
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(size);
          const dark = colorScheme === 'dark' ? '-dark' : '';
          const file = `${name}-${size.width}${dark}.png`;
          writeFileSync(join(out, file), await picture(page));
          onPicture(file);
        }
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  } finally {
    await product.close();
  }
}

/** Goes through the page as a visitor does. */
async function tour(page: Page, shoot: (name: string) => Promise<void>): Promise<void> {
  const button = (name: string) => page.getByRole('button', { name });
  await shoot('first-visit');

  await putSamples(page);
  await button('Draw A′ over A').click();
  await page.locator('.sketch-canvas').waitFor();
  await drawGlasses(page);
  await shoot('sketch');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

  await make(page);
  await page.locator('.making .preview:visible').waitFor({ timeout: 120_000 });
  await page.locator('.making progress[value]').waitFor({ timeout: 120_000 });
  await shoot('progress');

  await madeResult(page);
  await shoot('result');

  await button('Name …').click();
  await page.getByRole('dialog').getByRole('textbox').first().fill('with glasses');
  await page.keyboard.press('Enter');
  await button('Dismiss').click();
  await button('Library').click();
  await page.getByRole('dialog').getByText('with glasses', { exact: true }).waitFor();
  await shoot('library');
}

/** Glasses, by hand: two rings and what is between them. */
async function drawGlasses(page: Page): Promise<void> {
  const box = await page.locator('.sketch-canvas').boundingBox();
  if (!box) throw new Error('the canvas cannot be seen');
  const move = (x: number, y: number, steps = 1) =>
    page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps });
  await page.getByRole('radio', { name: 'Blue' }).check({ force: true });
  const eyes = [
    [0.475, 0.435],
    [0.655, 0.41],
  ] as const;
  for (const [x, y] of eyes) {
    for (let n = 0; n <= 24; n++) {
      const turn = (n / 24) * 2 * Math.PI;
      await move(x + 0.075 * Math.cos(turn), y + 0.075 * Math.sin(turn));
      if (n === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
  await move(0.55, 0.42);
  await page.mouse.down();
  await move(0.58, 0.415, 4);
  await page.mouse.up();
}

/** A dialog as it is on the screen; the page in full, without the empty ground below. */
async function picture(page: Page): Promise<Buffer> {
  await page.evaluate('document.fonts.ready');
  await page.evaluate(
    'Promise.all([...document.images].filter((i) => i.src).map((i) => i.decode().catch(() => {})))',
  );
  await page.evaluate('scrollTo(0, 0)');
  // The pointer would leave its mark on what it is over.
  await page.mouse.move(0, 0);
  if ((await page.locator('dialog[open]').count()) > 0)
    return await page.screenshot({ animations: 'disabled' });
  const bottoms = await Promise.all(
    ['.composer', '.empty-feed:visible', '.card']
      .map((selector) => page.locator(selector))
      .map(async (found) => {
        const box = (await found.count()) > 0 ? await found.last().boundingBox() : null;
        return box ? box.y + box.height : 0;
      }),
  );
  const height = Math.ceil(Math.max(...bottoms)) + 24;
  const { width } = page.viewportSize() ?? { width: 1440 };
  return await page.screenshot({
    animations: 'disabled',
    fullPage: true,
    clip: { x: 0, y: 0, width, height },
  });
}

/** @throws LikewiseError `OUTPUT_UNWRITABLE` */
function writable(path: string): string {
  const out = resolve(path);
  try {
    mkdirSync(out, { recursive: true });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path: out, reason }, { cause });
  }
  return out;
}

await runCommand(screenshots);
