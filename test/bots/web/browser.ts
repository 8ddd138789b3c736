import { randomUUID } from 'node:crypto';
import type { Message } from '../../../src/bots/web/messages.ts';

type Change = { messages: Message[] } | { message: Message } | { cleared: true };

/** What a visitor's browser does, without a page: it keeps cookies, and sends what the page sends. */
export function browserOf(url: string, extra: Record<string, string> = {}) {
  const jar = new Map<string, string>();
  const keep = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
      browser.lastCookie = line;
    }
    return response;
  };
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = {
      'likewise-page': '1',
      origin: new URL(url).origin,
      'sec-fetch-site': 'same-origin',
      ...(jar.size > 0 && { cookie: browser.cookie }),
      ...extra,
      ...(init.headers as Record<string, string>),
    };
    return keep(await fetch(url + path, { ...init, headers }));
  };
  const browser = {
    lastCookie: '',
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text: string) {
      jar.clear();
      for (const one of text.split('; ')) {
        const [name = '', value = ''] = one.split('=');
        jar.set(name, value);
      }
    },
    get: (path: string) => ask(path),
    post: (path: string, value: unknown) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(value),
        headers: { 'content-type': 'application/json' },
      }),
    send: (path: string, body: FormData | ReadableStream, headers: Record<string, string> = {}) =>
      ask(path, { method: 'POST', body, headers, duplex: 'half' } as RequestInit),
    form(command: string, files: Record<string, Blob>, rest: object = {}) {
      const form = new FormData();
      form.set('request', JSON.stringify({ interaction: randomUUID(), command, ...rest }));
      for (const [name, file] of Object.entries(files)) form.set(`file.${name}`, file, 'a.png');
      return form;
    },
    /** An analogy of pictures that the fake engine takes. */
    async make(files: Record<string, Blob> = {}): Promise<{ message: Message }> {
      const all = {
        before: new Blob(['picture a']),
        after: new Blob(['picture a with glasses']),
        picture: new Blob(['picture b']),
        ...files,
      };
      const response = await browser.send('api/run', browser.form('analogy', all));
      return (await response.json()) as { message: Message };
    },
    async run(command: string, input: object = {}, rest: object = {}) {
      const request = { interaction: randomUUID(), command, input, ...rest };
      return (await (await browser.post('api/run', request)).json()) as Record<string, never>;
    },
    async press(button: string, values: object = {}, rest: object = {}) {
      const request = { interaction: randomUUID(), button, values, ...rest };
      return (await (await browser.post('api/press', request)).json()) as Record<string, never>;
    },
    /** The stream of events, one at a time; `return()` ends it. */
    async stream() {
      const response = await ask('api/stream', { headers: { accept: 'text/event-stream' } });
      const events = changes(response);
      return {
        next: async () => (await events.next()).value as Change,
        end: () => events.return(undefined),
      };
    },
    /** The message once it is as it should be. */
    async until(id: string, isSo: (message: Message) => boolean): Promise<Message> {
      const stream = await browser.stream();
      for (;;) {
        const change = await stream.next();
        const all =
          'messages' in change ? change.messages : 'message' in change ? [change.message] : [];
        const found = all.find((message) => message.id === id && isSo(message));
        if (!found) continue;
        await stream.end();
        return found;
      }
    },
  };
  return browser;
}

async function* changes(response: Response): AsyncGenerator<Change, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: ?(.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data) yield JSON.parse(data) as Change;
    }
  }
}
