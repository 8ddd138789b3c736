import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, test } from 'vitest';

describe('the health check', () => {
  const dockerfile = DockerfileParser.parse(readFileSync('Dockerfile', 'utf8'));
  const instruction = dockerfile
    .getInstructions()
    .findLast((one) => one.getKeyword() === 'HEALTHCHECK');
  const words = instruction?.getRawArgumentsContent() ?? '';
  const [command, ...args] = JSON.parse(words.slice(words.indexOf('['))) as string[];

  /** A server that says so to all who ask; the address that it was asked for last. */
  async function answering(status: number) {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
      asked.push(request.url);
      answer.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    return { port, asked, [Symbol.dispose]: () => void server.close() };
  }

  async function check(page: string, engine: string): Promise<number> {
    const env = { LIKEWISE_WEB_PORT: page, LIKEWISE_ENGINE_PORT: engine };
    const [status] = await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'exit');
    return status;
  }

  test('asks the page and the engine', async () => {
    using page = await answering(200);
    using engine = await answering(200);
    expect(command).toBe('node');
    expect(await check(page.port, engine.port)).toBe(0);
    expect([page.asked, engine.asked]).toEqual([['/'], ['/livez']]);
  });

  test('fails where either does not answer, or says that it is not well', async () => {
    using well = await answering(200);
    using ill = await answering(503);
    const gone = await answering(200);
    gone[Symbol.dispose]();
    expect(await check(well.port, ill.port)).toBe(1);
    expect(await check(ill.port, well.port)).toBe(1);
    expect(await check(well.port, gone.port)).toBe(1);
  });
});
