/**
 * What a member of a Slack workspace sees: the product as `npm start` opens it, connected to a Slack to
 * test against, and the messages that it really sent there, drawn about as Slack shows them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { previewPage } from '../../test/bots/slack/messages/preview.ts';
import { openSlack } from '../../test/bots/slack/twin/driver.ts';
import type { JsonObject, Message, Slack } from '../../test/bots/slack/twin/shapes.ts';
import { startProduct } from '../interactive/product.ts';
import { isProgress } from '../slack/messages.ts';
import type { PicturesOptions } from './discord.ts';

/** Milliseconds for the sample analogy. */
const patience = 300_000;
/** Of a message and what is beside it, in CSS pixels; and pixels for each of them. */
const [width, scale] = [720, 1.2];

/** Writes `progress.png` and `result.png`, on light ground. */
export async function slackPictures(options: PicturesOptions): Promise<void> {
  const { browser, env, out, signal, onPicture } = options;
  // Slack waits for 3 s; a busy machine may take longer, which is not what is shown here.
  const slack = await openSlack({ triggerLife: 60_000 });
  const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
  try {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(settingsFor(slack)));
    const product = await startProduct(env, signal, { LIKEWISE_CONFIG: file });
    try {
      await slack.useSocket(patience);
      for (const [name, message] of Object.entries(await conversation(slack))) {
        signal.throwIfAborted();
        const file = `${name}.png`;
        writeFileSync(join(out, file), await shoot(browser, message));
        onPicture(file);
      }
    } finally {
      await product.close();
    }
  } finally {
    await slack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By Socket Mode, which needs no port of its own. */
function settingsFor({ botToken, appToken, slackApiUrl: api, origin }: Slack) {
  return {
    slack: { botToken, appToken, api, fileHosts: [new URL(origin).host] },
    // A preview with each step: then there is one when the message is edited.
    jobs: { previewSeconds: 0 },
  };
}

interface Seen {
  readonly message: Message;
  /** As data, by the files' ids: the bot deletes a preview once there is another. */
  readonly pictures: Readonly<Record<string, string>>;
}

/** The sample analogy: its progress, where there is one with a preview, and its result. */
async function conversation(slack: Slack): Promise<{ progress: Seen; result: Seen }> {
  const { alice } = slack.users;
  const sample = (name: string) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(`../../samples/${name}`, import.meta.url))),
  });
  const view = await slack.slash(alice, '/analogy').view(patience);
  const files = {
    before: [sample('plain.png')],
    after: [sample('with-glasses.png')],
    picture: [sample('friend.png')],
  };
  slack.submit(alice, view, {}, files);
  let progress: Seen | undefined;
  const look = (): Seen | undefined => {
    const message = slack.messages().findLast(({ bot_id: bot }) => bot !== undefined);
    if (!message) return undefined;
    const seen = { message, pictures: picturesOf(slack, message) };
    const hasPicture = Object.keys(seen.pictures).length > 0;
    if (!isProgress(message.blocks)) return hasPicture ? seen : undefined;
    if (!progress || hasPicture) progress = seen;
    return undefined;
  };
  const result = await slack.until(look, 'The result', patience);
  if (!progress) throw new Error('the bot told of no progress');
  return { progress, result };
}

function picturesOf(slack: Slack, { blocks = [] }: Message): Record<string, string> {
  const ids = blocks.flatMap(({ slack_file: file }) => (file as JsonObject | undefined)?.id ?? []);
  return Object.fromEntries(
    ids.flatMap((id) => {
      const file = slack.file(String(id));
      if (!file) return [];
      const data = Buffer.from(file.bytes).toString('base64');
      return [[String(id), `data:${file.mimetype ?? 'image/png'};base64,${data}`]];
    }),
  );
}

async function shoot(browser: Browser, { message, pictures }: Seen): Promise<Buffer> {
  const draft = { blocks: (message.blocks ?? []) as never };
  const html = previewPage([{ draft, pictures }], 'light');
  const viewport = { width, height: 100 };
  const page = await browser.newPage({ viewport, deviceScaleFactor: scale });
  try {
    await page.setContent(html);
    await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
    return await page.screenshot({ fullPage: true });
  } finally {
    await page.close();
  }
}
