import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterEach, expect, test } from 'vitest';
import type { View } from '../../src/commands/port.ts';
import { connectEngine, type Engine } from '../../src/engine/client.ts';
import { engineApp } from '../../src/engine/server.ts';
import { fakeEngine } from './fake-engine.ts';
import { scriptedPlatform, sent } from './scripted-platform.ts';

const token = 'a-token';
const servers: Server[] = [];

async function serve(engine: Engine, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer(getRequestListener(engineApp({ engine, token }).fetch));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  servers.push(server);
  return { server, port: (server.address() as AddressInfo).port };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  server.closeAllConnections();
  await closed;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop));
});

test('the telling of a job goes on when the engine was away in the middle of it', async () => {
  const engine = fakeEngine();
  engine.held = true;
  const { server, port } = await serve(engine);
  const client = connectEngine({ url: `http://127.0.0.1:${port}`, token, retryMs: 50 });
  const platform = await scriptedPlatform(client);
  const views: View[] = [];
  const input = {
    before: sent('picture a'),
    after: sent('picture a2'),
    picture: sent('picture b'),
  };
  for await (const view of platform.watch('analogy', input)) {
    if (view.kind === 'progress' && view.position !== undefined && engine.held) {
      await stop(server);
      engine.held = false;
      // While it works, nobody is at its door.
      setTimeout(() => void serve(engine, port), 30);
    }
    views.push(view);
  }
  expect(views.at(-1)).toMatchObject({ kind: 'result' });
  expect(engine.requests).toHaveLength(1);
  const { buttons } = views.at(-1) as View;
  const stronger = buttons.flat().find(({ id }) => id.startsWith('stronger'))?.id ?? '';
  expect((await platform.press(stronger)).at(-1)).toMatchObject({ kind: 'result' });
  await platform.close();
  await client.close();
});

test('an engine that is not up is a sentence, without its address', async () => {
  const { server, port } = await serve(fakeEngine());
  await stop(server);
  const client = connectEngine({ url: `http://127.0.0.1:${port}`, token, retryMs: 1, retries: 1 });
  const platform = await scriptedPlatform(client);
  const view = (await platform.run('status')).at(-1);
  expect(view).toMatchObject({ kind: 'problem', code: 'ENGINE_UNREACHABLE' });
  expect(JSON.stringify(view)).not.toContain('127.0.0.1');
  expect(await platform.complete('a')).toEqual([]);
  await platform.close();
  await client.close();
});
