import { randomUUID } from 'node:crypto';
import type { Message } from '../../../src/bots/web/messages.ts';
import type { Button, CommandDescription, LazyFile, View } from '../../../src/commands/port.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Platform } from '../../contracts/commands.ts';
import { browserOf } from './browser.ts';
import { serveWeb } from './serve.ts';

type Outcome = { message: Message } | { view: View };

/**
 * A visitor's browser as the suite's platform: it asks by HTTP, reads the stream of events, and presses
 * a button in the message that shows it, as the page does.
 */
export async function webPlatform(engine: Engine): Promise<Platform> {
  const web = await serveWeb(engine);
  return visitorOf(web.url, web.close);
}

/** One of several browsers: each has a cookie of its own. */
export async function visitorOf(url: string, close = async () => {}): Promise<Platform> {
  const browser = browserOf(url);
  const hello = (await (await browser.get('api/hello')).json()) as {
    commands: CommandDescription[];
  };
  /** What the stream told, in order, and who waits for more of it. */
  const heard: Message[] = [];
  let more = Promise.withResolvers<void>();
  const stream = await browser.stream();
  // The whole conversation comes first: from then on, nothing is missed.
  await stream.next();
  const listening = (async () => {
    for (;;) {
      const change = await stream.next().catch(() => undefined);
      if (!change) return;
      if ('message' in change) heard.push(change.message);
      more.resolve();
      more = Promise.withResolvers();
    }
  })();
  /** The message that last showed a button. */
  const places = new Map<string, string>();
  const seen = (view: View, message?: string) => {
    if (!message) return view;
    for (const { id, asks } of buttonsOf(view)) {
      // What asks for a picture makes an answer of its own.
      if (!asks?.some(({ kind }) => kind === 'picture')) places.set(id, message);
    }
    return view;
  };

  /** All that comes of a wish, to its end: a message that waits for nothing. */
  const ask = async (
    path: string,
    request: object,
    given: Record<string, unknown>,
    key: string,
  ) => {
    const entries = Object.entries(given);
    const values = Object.fromEntries(entries.filter(([, value]) => !isFile(value)));
    const form = new FormData();
    const whole = { interaction: randomUUID(), ...request, [key]: values };
    form.set('request', JSON.stringify(whole));
    for (const [name, value] of entries) {
      if (isFile(value)) form.set(`file.${name}`, await blobOf(value), value.name);
    }
    const response = await browser.send(path, form);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const outcome = (await response.json()) as Outcome;
    if ('view' in outcome) return [seen(outcome.view)];
    const { id, revision } = outcome.message;
    const told: View[] = [];
    for (let next = 0; ; ) {
      const { promise } = more;
      for (; next < heard.length; next++) {
        const message = heard[next] as Message;
        if (message.id !== id || message.revision < revision) continue;
        const { progress, problem, view } = message;
        const shown = progress ?? problem ?? view;
        if (shown) told.push(seen(shown, id));
        if (!progress) return told;
      }
      await promise;
    }
  };

  return {
    names: hello.commands.map(({ name }) => name),
    run: (command, input = {}) => ask('api/run', { command }, input, 'input'),
    press(button, values = {}) {
      const message = places.get(button);
      return ask('api/press', { button, ...(message && { message }) }, values, 'values');
    },
    async complete(text) {
      const response = await browser.get(`api/complete?text=${encodeURIComponent(text)}`);
      return (await response.json()) as string[];
    },
    async file(id) {
      const response = await browser.get(`api/files/${encodeURIComponent(id)}`);
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    async close() {
      await close();
      await listening;
    },
  };
}

function buttonsOf(view: View): Pick<Button, 'id' | 'asks'>[] {
  const picks = view.kind === 'result' ? view.cells.map(({ pick }) => ({ id: pick })) : [];
  return [...view.buttons.flat(), ...picks];
}

function isFile(value: unknown): value is LazyFile {
  return typeof value === 'object' && value !== null && 'fetch' in value;
}

async function blobOf(file: LazyFile): Promise<Blob> {
  const bytes = await file.fetch(new AbortController().signal);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
    parts.push(part as Uint8Array<ArrayBuffer>);
  }
  return new Blob(parts);
}
