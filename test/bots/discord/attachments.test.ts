import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadOf } from '../../../src/bots/discord/attachments.ts';
import { bytesOf } from '../../../src/bots/files.ts';

const signal = new AbortController().signal;

describe('attachments', () => {
  let server: Server;
  let host: string;
  let answer: { status?: number; type?: string; body?: Buffer; location?: string };
  beforeEach(async () => {
    server = createServer((_, response) => {
      const { status = 200, type = 'image/png', body = Buffer.from('picture'), location } = answer;
      response.writeHead(status, { 'content-type': type, ...(location && { location }) });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer = {};
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const read = (url: string, most = 1000, hosts = [host]) =>
    bytesOf(downloadOf({ name: 'a.png', size: 7, url }, { hosts, most }), signal);

  it('reads from the hosts that are allowed', async () => {
    expect(Buffer.from(await read(`http://${host}/a.png?ex=1`)).toString()).toBe('picture');
  });

  it.each([
    'https://example.org/a.png',
    'https://cdn.discordapp.com.example.org/a.png',
    'https://cdn.discordapp.com:8443/a.png',
    'http://cdn.discordapp.com/a.png',
    'https://user@cdn.discordapp.com/a.png',
    'file:///etc/passwd',
  ])('refuses %s', async (url) => {
    await expect(read(url, 1000, ['cdn.discordapp.com'])).rejects.toThrow('are not read from');
  });

  it('follows nothing elsewhere', async () => {
    answer = { status: 302, location: `http://${host}/other` };
    await expect(read(`http://${host}/a.png`)).rejects.toThrow();
  });

  it.each([{ status: 404 }, { status: 500 }, { type: 'text/html' }])('refuses %o', async (how) => {
    answer = how;
    await expect(read(`http://${host}/a.png`)).rejects.toThrow('was answered with');
  });

  it('does not read far beyond the limit, whatever was promised', async () => {
    answer = { body: Buffer.alloc(5_000_000) };
    const { length } = await read(`http://${host}/a.png`, 1000);
    expect(length).toBeGreaterThan(1000);
    expect(length).toBeLessThan(1_000_000);
  });
});
