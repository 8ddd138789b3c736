import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { type Asking, type DownloadOptions, download } from '../../src/bots/downloads.ts';

async function host(answer: RequestListener) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers.authorization}`);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

async function read(url: string, options: Partial<DownloadOptions & Asking> = {}) {
  const { signal } = new AbortController();
  const asked = { hosts: [new URL(url).host], most: 1000, signal, ...options };
  const parts: Uint8Array[] = [];
  for await (const part of await download(url, asked)) parts.push(part);
  return Buffer.concat(parts);
}

const secret = { headers: { authorization: 'secret' } };

it('reads from the hosts that are allowed, and shows them what is asked with', async () => {
  const { at, heard } = await host((_, response) => response.end('picture'));
  expect(String(await read(`http://${at}/a.png?ex=1`, secret))).toBe('picture');
  expect(heard).toEqual(['/a.png?ex=1 secret']);
});

it.each([
  'https://example.org/a.png',
  'https://cdn.discordapp.com.example.org/a.png',
  'https://cdn.discordapp.com:8443/a.png',
  'http://cdn.discordapp.com/a.png',
  'https://user@cdn.discordapp.com/a.png',
  'https://:secret@cdn.discordapp.com/a.png',
  'ftp://cdn.discordapp.com/a.png',
  'file:///etc/passwd',
])('refuses %s', async (url) => {
  await expect(read(url, { hosts: ['cdn.discordapp.com'] })).rejects.toThrow('are not read from');
});

it.each([
  ['another host', (at: string, other: string) => [`http://${at}/`, `http://${other}/`] as const],
  ['the same one', (at: string) => [`http://${at}/`, '/other'] as const],
])('follows nothing to %s, and carries nothing there', async (_, way) => {
  const { at: other, heard: elsewhere } = await host((__, response) => response.end('picture'));
  let location = '';
  const { at, heard } = await host((__, response) => response.writeHead(302, { location }).end());
  const [url, to] = way(at, other);
  location = to;
  await expect(read(url, { hosts: [at, other], ...secret })).rejects.toThrow('answered with 302');
  expect([heard, elsewhere]).toEqual([['/ secret'], []]);
});

it.each([
  [404, 'image/png'],
  [500, 'image/png'],
  [200, 'text/html; charset=utf-8'],
])('refuses an answer of %i %s', async (status, type) => {
  const { at } = await host((_, response) =>
    response.writeHead(status, { 'content-type': type }).end('picture'),
  );
  await expect(read(`http://${at}/`)).rejects.toThrow(`was answered with ${status} ${type}`);
});

it.each([
  [200, 'text/html', 'sign in'],
  [303, 'image/png', 'sign in'],
  [403, 'image/png', 'answered with 403'],
])('tells a page in place of the file from a fault: %i %s', async (status, type, told) => {
  const { at } = await host((_, response) =>
    response.writeHead(status, { 'content-type': type }).end(),
  );
  const elsewhere = () => new Error('sign in');
  await expect(read(`http://${at}/`, { elsewhere })).rejects.toThrow(told);
});

it('does not read far beyond the limit, whatever was promised', async () => {
  const { at } = await host((_, response) => response.end(Buffer.alloc(5_000_000)));
  const { length } = await read(`http://${at}/`);
  expect(length).toBeGreaterThan(1000);
  expect(length).toBeLessThan(1_000_000);
});

it('gives up what does not come, and what nobody waits for', async () => {
  const { at } = await host(() => {});
  await expect(read(`http://${at}/`, { timeout: 20 })).rejects.toThrow(/timeout/);
  const signal = AbortSignal.abort(new Error('nobody waits'));
  await expect(read(`http://${at}/`, { signal })).rejects.toThrow('nobody waits');
});
