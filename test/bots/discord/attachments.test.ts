import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { downloadOf } from '../../../src/bots/discord/attachments.ts';
import { bytesOf } from '../../../src/bots/files.ts';

/** What the host hears, and what comes of an attachment there. */
async function stage(hosts?: readonly string[]) {
  const heard: unknown[] = [];
  const server = createServer(({ url, headers }, response) => {
    heard.push([url, headers.authorization]);
    response.setHeader('content-type', 'image/png');
    response.end(Buffer.alloc(5_000_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sent = { name: 'a.png', size: 7, url: `http://${host}/a.png?ex=1` };
  const file = downloadOf(sent, { hosts: hosts ?? [host], most: 1000 });
  return { file, heard, read: () => bytesOf(file, new AbortController().signal) };
}

it('an attachment is as Discord says; it is asked for once it is read, without a token', async () => {
  const { file, heard, read } = await stage();
  expect(file).toMatchObject({ name: 'a.png', size: 7 });
  expect(heard).toEqual([]);
  // Whatever was promised.
  const { length } = await read();
  expect(length).toBeGreaterThan(1000);
  expect(length).toBeLessThan(1_000_000);
  expect(heard).toEqual([['/a.png?ex=1', undefined]]);
});

it('is read from the hosts that are allowed only', async () => {
  const { heard, read } = await stage(['cdn.discordapp.com']);
  await expect(read()).rejects.toThrow('are not read from');
  expect(heard).toEqual([]);
});
