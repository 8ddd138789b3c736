import { existsSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { LikewiseError } from '../../errors.ts';
import type { Variables } from './requests.ts';

export type ListenOptions = {
  readonly app: Hono<Variables>;
  /** Told why a connection could not be accepted; the others go on. */
  readonly onError?: (error: unknown) => void;
} & (
  | {
      readonly host: string;
      /** 0: any that is free. */
      readonly port: number;
      /** Whether the host may be another than the loopback. @default false */
      readonly allowRemote?: boolean;
    }
  | {
      /** Path of a unix socket; only its owner may connect. */
      readonly socket: string;
    }
);

export interface Listening {
  /** As `connectEngine` takes it. */
  readonly address: string;
  /** Accepts nothing more, and ends what is open within a second. */
  close(): Promise<void>;
}

/** Milliseconds that requests under way have to end by themselves. */
const lastMs = 800;

const taken = 'something else listens there';

/**
 * Serves the engine's doors.
 * @throws LikewiseError `ENGINE_ADDRESS` where it cannot listen there, or is not to
 */
export async function listenEngine(options: ListenOptions): Promise<Listening> {
  const listener = getRequestListener(options.app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  // Later than at its beginning: too many open files, say, which pass.
  const later = () => server.on('error', (error) => options.onError?.(error));
  if ('socket' in options) {
    const { socket } = options;
    await makeWay(socket);
    await listen(server, socket, (done) => ownersOnly(() => server.listen(socket, done)));
    later();
    return { address: `unix:${socket}`, close: () => close(server) };
  }
  const { host, port, allowRemote = false } = options;
  if (!allowRemote && !isLoopback(host)) {
    const reason =
      'others than this machine could reach it; set LIKEWISE_ENGINE_ALLOW_REMOTE=true if they are to';
    throw new LikewiseError('ENGINE_ADDRESS', { address: host, reason });
  }
  await listen(server, `${host}:${port}`, (done) => server.listen(port, host, done));
  later();
  const { port: given } = server.address() as AddressInfo;
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return { address: `http://${name}:${given}`, close: () => close(server) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * What is made meanwhile, nobody else may open: a mode that is set afterwards leaves a moment in which
 * others can connect, and stay. Node makes the socket before `listen` returns.
 */
function ownersOnly(make: () => void): void {
  const before = process.umask(0o177);
  try {
    make();
  } finally {
    process.umask(before);
  }
}

async function listen(
  server: Server,
  address: string,
  start: (done: () => void) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? taken : cause.message;
      reject(new LikewiseError('ENGINE_ADDRESS', { address, reason }, { cause }));
    };
    server.once('error', fail);
    start(() => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** A socket that nobody listens on any more, as a killed process leaves it, is removed. */
async function makeWay(path: string): Promise<void> {
  if (!existsSync(path)) return;
  if (!statSync(path).isSocket()) {
    throw new LikewiseError('ENGINE_ADDRESS', { address: path, reason: 'a file is in the way' });
  }
  const answer = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve('alive');
    });
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
  // Any other answer, such as EACCES or EAGAIN, may come from somebody who is there.
  if (answer === 'ENOENT') return;
  if (answer !== 'ECONNREFUSED') {
    throw new LikewiseError('ENGINE_ADDRESS', { address: path, reason: taken });
  }
  rmSync(path, { force: true });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), lastMs);
  await closed;
  clearTimeout(timer);
}
