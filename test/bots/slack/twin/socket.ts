import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { JsonObject } from './shapes.ts';

/** Of pings: a client gives up where it saw none for 30 s. */
const PING_EVERY = 5000;

/** The far side of Socket Mode. */
export function createSockets(options: { appId: () => string; changed: () => void }) {
  const server = new WebSocketServer({ noServer: true });
  const open = new Set<WebSocket>();
  const waiting = new Map<string, { resolve: (body: unknown) => void; socket: WebSocket }>();
  const pings = setInterval(() => {
    for (const socket of open) socket.ping();
  }, PING_EVERY);
  pings.unref();

  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      options.changed();
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const { envelope_id: id, payload } = JSON.parse(String(data)) as {
        envelope_id?: string;
        payload?: unknown;
      };
      waiting.get(id ?? '')?.resolve(payload);
      waiting.delete(id ?? '');
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.size,
        debug_info: { host: 'applink-1', build_number: 10, approximate_connection_time: 18060 },
        connection_info: { app_id: options.appId() },
      }),
    );
    options.changed();
  });

  return {
    count: () => open.size,
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      if (request.url?.startsWith('/link/?ticket=') !== true) {
        socket.destroy();
        return;
      }
      server.handleUpgrade(request, socket, head, (one) => server.emit('connection', one));
    },
    /** Sends an envelope to the newest connection and waits for its answer, for ever if need be. */
    deliver(envelope: JsonObject): Promise<unknown> {
      const socket = [...open].at(-1);
      if (socket === undefined) return Promise.reject(new Error('No socket is connected'));
      const id = crypto.randomUUID();
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, socket });
      socket.send(JSON.stringify({ envelope_id: id, ...envelope }));
      return promise;
    },
    askToReconnect(reason: string): void {
      for (const socket of open) {
        socket.send(
          JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } }),
        );
      }
    },
    drop(): void {
      for (const socket of open) socket.terminate();
    },
    close(): void {
      clearInterval(pings);
      for (const socket of open) socket.terminate();
      server.close();
    },
  };
}

export type Sockets = ReturnType<typeof createSockets>;
