import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { bytesOf } from '../../../src/bots/files.ts';
import { downloadOf } from '../../../src/bots/slack/downloads.ts';
import type { FileInfo, Wire } from '../../../src/bots/slack/wire.ts';

async function host(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const fileAt = (url: string | undefined, size = 3) => {
  const info: FileInfo = { id: 'F1', name: 'cat.png', size, mimetype: 'image/png', url };
  return { token: 'xoxb-1', file: async () => info } as unknown as Wire;
};

const read = (
  wire: Wire,
  hosts: readonly string[],
  more: { most?: number; timeout?: number } = {},
) => bytesOf(downloadOf(wire, 'F1', { hosts, most: 10, ...more }), new AbortController().signal);

it('shows the token to a host of the list', async () => {
  const heard: unknown[] = [];
  const at = await host(({ headers }, response) => {
    heard.push(headers.authorization);
    response.setHeader('content-type', 'image/png');
    response.end('cat');
  });
  expect(Buffer.from(await read(fileAt(`http://${at}/cat.png`), [at])).toString()).toBe('cat');
  expect(heard).toEqual(['Bearer xoxb-1']);
});

it('shows it to no other, however it is written', async () => {
  let heard = 0;
  const at = await host((_, response) => {
    heard++;
    response.end('cat');
  });
  const [name, port] = at.split(':');
  const other = `http://${name}:${Number(port) + 1}/`;
  for (const url of [other, `http://user@${at}/`, `ftp://${at}/`, 'http://files.slack.com/x']) {
    await expect(read(fileAt(url), [at, 'files.slack.com'])).rejects.toThrow();
  }
  await expect(read(fileAt(undefined), [at])).rejects.toThrow('does not say where');
  expect(heard).toBe(0);
});

it('names the permission that is missing', async () => {
  const at = await host((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<form>');
  });
  const forbidden = { code: 'FETCH_FORBIDDEN', message: expect.stringContaining('files:read') };
  await expect(read(fileAt(`http://${at}/`), [at])).rejects.toMatchObject(forbidden);
  const refused = Object.assign(new Error('x'), {
    code: 'slack_webapi_platform_error',
    data: { error: 'missing_scope' },
  });
  const wire = { token: '', file: () => Promise.reject(refused) } as unknown as Wire;
  await expect(read(wire, [at])).rejects.toMatchObject(forbidden);
});

it('takes the way to the page to sign in for the same, and does not go it', async () => {
  let heard = 0;
  const at = await host(({ url }, response) => {
    heard++;
    response.writeHead(302, url === '/cat.png' ? { location: '/signin' } : {}).end();
  });
  const forbidden = { code: 'FETCH_FORBIDDEN', message: expect.stringContaining('files:read') };
  await expect(read(fileAt(`http://${at}/cat.png`), [at])).rejects.toMatchObject(forbidden);
  expect(heard).toBe(1);
});

it('reads no more than is taken', async () => {
  const at = await host((_, response) => {
    response.setHeader('content-type', 'image/png');
    for (let i = 0; i < 100; i++) response.write('x'.repeat(1000));
    response.end();
  });
  // It says that it is small, and is not: whoever counts sees that it is too large.
  const bytes = await read(fileAt(`http://${at}/`), [at]);
  expect(bytes.length).toBeGreaterThan(10);
  expect(bytes.length).toBeLessThan(100_000);
  const heavy = read(fileAt(`http://${at}/`, 11), [at]);
  await expect(heavy).rejects.toMatchObject({ code: 'PICTURE_TOO_HEAVY' });
});

it('gives up what does not come', async () => {
  const at = await host(() => {});
  await expect(read(fileAt(`http://${at}/`), [at], { timeout: 50 })).rejects.toThrow();
});
