import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/bots/web/messages.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { fakeEngine } from '../../commands/fake-engine.ts';
import { browserOf } from './browser.ts';
import { serveWeb } from './serve.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const { close } of open.splice(0)) await close();
});
const serve = async (options = {}, engine: Engine = fakeEngine()) => {
  const web = await serveWeb(engine, options);
  open.push(web);
  return web;
};

/** A request with headers that fetch would not send, such as another host. */
async function raw(url: string, headers: Record<string, string>, method = 'GET') {
  const sent = request(url, { method, headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('who reaches the server', () => {
  it('is nobody from outside, unless there is a password or a proxy that asks for one', async () => {
    const web = serveWeb(fakeEngine(), { host: '0.0.0.0' });
    await expect(web).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(web).rejects.toThrow(/0\.0\.0\.0 .*web\.password.*web\.proxyHeader/);
  });

  it.each([
    ['localhost', 200],
    ['127.0.0.1', 200],
    ['[::1]', 200],
    ['pictures.home', 200],
    ['rebound.example', 421],
    ['localhost.example', 421],
  ])('under the name %s: %i', async (name, status) => {
    const { url } = await serve({ hosts: ['pictures.home'] });
    const host = `${name}:${new URL(url).port}`;
    expect(await raw(url, { host })).toBe(status);
    expect(await raw(`${url}api/hello`, { host })).toBe(status);
  });

  it('says why it cannot listen', async () => {
    const { url } = await serve();
    const again = serveWeb(fakeEngine(), { port: Number(new URL(url).port) });
    await expect(again).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('closes although a stream is open, and twice', async () => {
    const web = await serveWeb(fakeEngine());
    const browser = browserOf(web.url);
    const stream = await browser.stream();
    expect(await stream.next()).toEqual({ messages: [] });
    await web.close();
    await expect(fetch(web.url)).rejects.toThrow();
  });
});

describe('what another site may do', () => {
  const own = { 'likewise-page': '1', 'content-type': 'application/json' };
  it.each([
    ['the page itself', {}, 200],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour of the same site', { 'sec-fetch-site': 'same-site' }, 403],
    ['somebody who typed the address', { 'sec-fetch-site': 'none' }, 403],
    ['another origin', { origin: 'http://other.example' }, 403],
    ['no origin at all', { origin: 'null' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page that cannot send the header', { 'likewise-page': '' }, 403],
  ])('%s', async (_, headers, status) => {
    const { url } = await serve();
    const response = await fetch(`${url}api/run`, {
      method: 'POST',
      headers: { ...own, ...headers },
      body: JSON.stringify({ interaction: 'interaction-1', command: 'status' }),
    });
    expect(response.status).toBe(status);
  });

  it('reads nothing across sites', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}api/stream`, {
      headers: { 'sec-fetch-site': 'same-site' },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['', 'main.js', 'style.css', 'api/hello', 'api/nothing', 'nothing', '../api.ts'])(
    'sends the strict headers with /%s',
    async (path) => {
      const { url } = await serve();
      const { headers } = await fetch(url + path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
          "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    },
  );
});

describe('visitors', () => {
  it('have a cookie that no script reads and no other site sends, and a tenant each', async () => {
    const engine = fakeEngine();
    const { url } = await serve({}, engine);
    const [ada, bob] = [browserOf(url), browserOf(url)];
    const outcome = await ada.make();
    expect(ada.lastCookie).toMatch(/^likewise=[\w-]{43};.*HttpOnly; SameSite=Strict/);
    const done = await ada.until(outcome.message.id, ({ view }) => view?.kind === 'result');
    const file = done.view?.kind === 'result' ? (done.view.picture ?? '') : '';
    expect((await ada.get(`api/files/${file}`)).status).toBe(200);
    expect((await bob.get(`api/files/${file}`)).status).toBe(404);
    expect(await (await bob.stream()).next()).toEqual({ messages: [] });
    // The tenant does not give the session away.
    const [job] = engine.requests;
    expect(job?.kind).toBe('analogy');
    expect(JSON.stringify([...engine.files])).not.toContain(ada.cookie.split('=')[1]);
    expect([...engine.files].some((key) => /^web:[\da-f]{32} /.test(key))).toBe(true);
  });

  it('is of one session from the first answer on, whatever the page asks for at once', async () => {
    const { url } = await serve();
    const ada = browserOf(url);
    await ada.get('api/hello');
    const before = ada.cookie;
    expect(before).toMatch(/^likewise=[\w-]{43}$/);
    await Promise.all(['plain', 'friend'].map((name) => ada.get(`api/samples/${name}.png`)));
    expect(ada.cookie).toBe(before);
  });

  it('does not let in by password and by proxy both', async () => {
    await expect(serve({ password: 'open sesame', proxyHeader: 'x-user' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { setting: 'web.password' },
    });
  });

  it('with a password: nothing before it, all after it, and nobody guesses for long', async () => {
    const { url } = await serve({ password: 'open sesame' });
    const ada = browserOf(url);
    expect(await (await ada.get('api/hello')).json()).toEqual({ signedIn: false });
    for (const path of ['api/stream', 'api/files/a', 'api/samples/plain.png', 'api/complete']) {
      expect((await ada.get(path)).status).toBe(401);
    }
    expect((await ada.post('api/sign-in', { password: 'open barley' })).status).toBe(403);
    expect((await ada.post('api/sign-in', { password: 'open sesame' })).status).toBe(204);
    expect(await (await ada.get('api/hello')).json()).toMatchObject({ signedIn: true });
    // The sign that she is let in is of no use to another session.
    const bob = browserOf(url);
    bob.cookie = `likewise=${'b'.repeat(43)}; ${ada.cookie.split('; ')[1]}`;
    expect((await bob.get('api/complete')).status).toBe(401);
    for (let i = 0; i < 9; i++) await bob.post('api/sign-in', { password: 'guess' });
    expect((await bob.post('api/sign-in', { password: 'open sesame' })).status).toBe(429);
  });

  it('behind a proxy: who it names, and nobody else', async () => {
    const { url } = await serve({ proxyHeader: 'x-forwarded-user' });
    const ada = browserOf(url, { 'x-forwarded-user': 'ada' });
    const { message } = await ada.make();
    const elsewhere = browserOf(url, { 'x-forwarded-user': 'ada' });
    expect(await (await elsewhere.stream()).next()).toMatchObject({
      messages: [{ id: message.id }],
    });
    expect((await browserOf(url).get('api/complete')).status).toBe(401);
  });
});

describe('what is sent', () => {
  it('is cut off where it is too heavy, said or not said', async () => {
    const { url } = await serve({ maxUploadBytes: 50_000 });
    const ada = browserOf(url);
    const heavy = new Blob([new Uint8Array(60_000)]);
    const form = ada.form('analogy', { before: heavy });
    const response = await ada.send('api/run', form);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'TOO_LARGE' });
    // Without a length, it is counted as it comes; the sender need not hear the end of it.
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 10_000;
        controller.enqueue(new Uint8Array(10_000));
        if (sent > 100_000_000) controller.close();
      },
    });
    await ada
      .send('api/run', endless, { 'content-type': 'multipart/form-data; boundary=x' })
      .then(({ status }) => expect(status).toBe(413))
      .catch(() => {});
    expect(sent).toBeLessThan(20_000_000);
  });

  it('is held by few at once until the engine has read it, and words get in all the time', async () => {
    const engine = fakeEngine();
    const read = Promise.withResolvers<void>();
    const { putPicture } = engine;
    let reading = 0;
    engine.putPicture = async (...asked) => {
      reading++;
      await read.promise;
      return putPicture(...asked);
    };
    const { url } = await serve({}, engine);
    const ada = browserOf(url);
    await ada.get('api/hello');
    const form = () =>
      ada.form('analogy', {
        before: new Blob(['picture a']),
        after: new Blob(['picture a with glasses']),
        picture: new Blob(['picture b']),
      });
    const sent = [];
    // They are answered as soon as it is clear what they are, long before they are read.
    for (let i = 0; i < 4; i++) {
      const response = await ada.send('api/run', form());
      sent.push(((await response.json()) as { message: Message }).message);
    }
    await expect.poll(() => reading).toBe(12);
    for (let i = 0; i < 8; i++) {
      const response = await ada.send('api/run', form());
      expect(response.status).toBe(429);
      expect(await response.json()).toMatchObject({ code: 'TOO_MANY' });
    }
    expect(reading).toBe(12);
    expect(await ada.run('status')).toMatchObject({ view: { kind: 'list' } });
    read.resolve();
    for (const { id } of sent) await ada.until(id, ({ view }) => view?.kind === 'result');
    // Now that they are read there is room again, also while a job goes on, and after a refusal.
    engine.held = true;
    for (let i = 0; i < 5; i++) {
      const { message } = await ada.make({ picture: new Blob([`picture ${i}`]) });
      await ada.until(message.id, ({ progress }) => progress?.job !== undefined);
    }
    for (let i = 0; i < 5; i++) {
      const response = await ada.send('api/run', ada.form('', { picture: new Blob(['picture']) }));
      expect(response.status).toBe(200);
      const wrong = await ada.send('api/run', ada.form('help', {}, { extra: 1 }));
      expect(wrong.status).toBe(400);
    }
  });

  it.each([
    ['no command', {}],
    ['a short interaction', { command: 'help', interaction: 'a' }],
    ['a picture that is none', { command: 'help', look: { a: 'javascript:alert(1)' } }],
    ['a picture with more in it', { command: 'help', look: { b: 'data:image/svg+xml;base64,AA' } }],
    ['something else', { command: 'help', extra: 1 }],
  ])('is refused: %s', async (_, request) => {
    const { url } = await serve();
    const body = { interaction: 'interaction-1', ...request };
    const response = await browserOf(url).post('api/run', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('comes to one problem where the picture is none, with its name and no stack', async () => {
    const { url } = await serve();
    const ada = browserOf(url);
    const { message } = await ada.make({ picture: new Blob(['no such thing']) });
    const { view } = await ada.until(message.id, ({ progress }) => !progress);
    expect(view).toMatchObject({ kind: 'problem', code: 'PICTURE_UNKNOWN' });
    expect(JSON.stringify(view)).not.toMatch(/\/|\bat .*\.ts/);
  });
});

describe('the page', () => {
  it('asks for nothing elsewhere, and is small', async () => {
    const { url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const html = await (await fetch(url)).text();
    const linked = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path ?? '');
    expect(linked.length).toBeGreaterThan(3);
    let script = 0;
    const seen = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const response = await fetch(new URL(path, url));
      expect(response.status, path).toBe(200);
      const text = await response.text();
      expect(text.replace('http://www.w3.org/2000/svg', ''), path).not.toMatch(/https?:\/\//);
      if (!path.endsWith('.js')) return;
      script += text.length;
      for (const [, next] of text.matchAll(/from '\.(\/[\w-]+\.js)'/g)) await visit(next ?? '');
    };
    for (const path of linked) await visit(path);
    expect(script).toBeGreaterThan(10_000);
    expect(script).toBeLessThan(100_000);
  });
});
