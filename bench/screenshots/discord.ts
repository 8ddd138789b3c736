/**
 * What a member of a Discord server sees: the product as `npm start` opens it, connected to a Discord to
 * test against, and the messages that it really sent there, drawn about as Discord shows them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIMessage } from 'discord.js';
import type { Browser } from 'playwright-core';
import { definitionsOf } from '../../src/bots/discord/definitions/index.ts';
import type { Draft } from '../../src/bots/discord/messages/index.ts';
import { createCommands, openSettings } from '../../src/commands/index.ts';
import { connectEngine } from '../../src/engine/client.ts';
import { previewPage } from '../../test/bots/discord/messages/preview.ts';
import { openDiscord } from '../../test/bots/discord/twin/driver.ts';
import type { Discord, Upload } from '../../test/bots/discord/twin/shapes.ts';
import { pictureOf } from '../common/chat/pictures.ts';
import { isProgress } from '../discord/tally.ts';
import { startProduct } from '../interactive/product.ts';

export interface PicturesOptions {
  readonly browser: Browser;
  readonly env: Record<string, string | undefined>;
  /** The folder that they go to. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Told of each that was written. */
  readonly onPicture: (file: string) => void;
}

/** Milliseconds for the sample analogy. */
const patience = 300_000;
/** Of a message and what is beside it, in CSS pixels; and pixels for each of them. */
const [width, scale] = [690, 1.2];
const member = 'ada';

/** Writes `progress.png` and `result.png`, on dark ground. */
export async function discordPictures(options: PicturesOptions): Promise<void> {
  const { browser, env, out, signal, onPicture } = options;
  // Discord waits for 3 s; a busy machine may take longer, which is not what is shown here.
  const discord = await openDiscord({ answerWithin: 60_000 });
  try {
    await discord.register(definitions());
    const settings = {
      LIKEWISE_DISCORD_TOKEN: discord.token,
      LIKEWISE_DISCORD_API: discord.restUrl,
      LIKEWISE_DISCORD_ATTACHMENT_HOSTS: new URL(discord.restUrl).host,
      // A preview with each step: then there is one when the message is edited.
      LIKEWISE_JOBS_PREVIEW_SECONDS: '0',
    };
    const product = await startProduct(env, signal, settings);
    try {
      for (const [name, seen] of Object.entries(await conversation(discord))) {
        signal.throwIfAborted();
        const file = `${name}.png`;
        writeFileSync(join(out, file), await shoot(browser, discord, seen));
        onPicture(file);
      }
    } finally {
      await product.close();
    }
  } finally {
    await discord.close();
  }
}

interface Seen {
  readonly message: APIMessage;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The sample analogy: its progress, with a preview where it was told of with one, and its result. */
async function conversation(discord: Discord): Promise<{ progress: Seen; result: Seen }> {
  const isOver = ({ components, attachments }: APIMessage) =>
    !isProgress(components) && attachments.length > 0;
  const user = discord.join(member);
  const ask = (a: Upload, a2: Upload, b: Upload) =>
    discord.slash(user, 'analogy', {}, { attachments: { a, a2, b } });
  // From the first one, the queue learns how long another takes.
  const [one, two, three] = [await pictureOf(1), await pictureOf(2), await pictureOf(3)];
  await ask(one, two, three).until(isOver, patience);

  const asked = ask(sample('plain.png'), sample('with-glasses.png'), sample('friend.png'));
  const seen: Seen[] = [];
  const message = await asked.until((reply) => {
    if (isProgress(reply.components)) seen.push({ message: reply, at: Date.now() });
    return isOver(reply);
  }, patience);
  // The last one with a preview that says when it is ready.
  const isWhole = ({ message: { components, attachments } }: Seen) =>
    attachments.length > 0 && JSON.stringify(components).includes('<t:');
  const progress = seen.findLast(isWhole) ?? seen[0];
  if (!progress) throw new Error('the bot told of no progress');
  return { progress, result: { message, at: Date.now() } };
}

function sample(name: string): Upload {
  const bytes = readFileSync(new URL(`../../samples/${name}`, import.meta.url));
  return { name, bytes: new Uint8Array(bytes) };
}

async function shoot(browser: Browser, discord: Discord, { message, at }: Seen): Promise<Buffer> {
  const { draft, files } = draftOf(discord, message);
  const asked = { by: member, command: 'analogy' };
  const html = previewPage([{ draft, files, options: { theme: 'dark', now: at, asked } }]);
  const viewport = { width, height: 100 };
  const page = await browser.newPage({ viewport, deviceScaleFactor: scale });
  try {
    await page.setContent(html);
    await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
    const { height } = (await page.locator('article').boundingBox()) ?? viewport;
    // A whole number of pixels, with what is around it: else the last line is half of one.
    await page.setViewportSize({ width, height: 5 * Math.ceil((height + 32) / 5) });
    return await page.screenshot();
  } finally {
    await page.close();
  }
}

/** A message as it was sent: Discord's addresses of its files are their names again. */
function draftOf(discord: Discord, { components, attachments }: APIMessage) {
  const names = new Map(attachments.map(({ url, filename }) => [url, filename]));
  const files = new Map(
    attachments.map(({ url, filename }) => [filename, discord.file(url) ?? new Uint8Array()]),
  );
  const named = JSON.parse(JSON.stringify(components), (key, value: unknown) => {
    const name = key === 'url' ? names.get(String(value)) : undefined;
    return name === undefined ? value : `attachment://${name}`;
  }) as Draft['components'];
  return { draft: { components: named, files: [] }, files };
}

/** The commands, as Discord is told of them. */
function definitions() {
  const settings = openSettings(':memory:');
  try {
    const { describe } = createCommands({
      engine: connectEngine({ url: 'http://127.0.0.1', token: '' }),
      settings,
      log: () => {},
      dials: { lambda: [], guidance: [] },
      pictureMegabytes: 0,
    });
    return definitionsOf({ describe });
  } finally {
    settings.close();
  }
}
