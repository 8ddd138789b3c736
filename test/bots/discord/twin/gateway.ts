import { mkdtemp, rm } from 'node:fs/promises';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DigitalDiscord } from 'discord-digital-twin';
import type { JsonObject } from './shapes.ts';
import type { Channel } from './world.ts';

/** What is used of the twin's inside: it has no public way to send an event. */
interface Inside {
  readonly server: {
    readonly httpServer: { closeAllConnections(): void };
    readonly gateway: {
      readonly clients: readonly Client[];
      readonly wss: { on(event: 'connection', listener: (socket: Socket) => void): void };
      loadState: () => Promise<{ guilds: Guild[] }>;
      broadcast(event: string, data: unknown): void;
    };
  };
}

interface Guild {
  readonly apiGuild: { readonly roles: JsonObject[] };
  readonly channels: { readonly id: string; nsfw?: boolean }[];
}

interface Socket {
  on(event: 'message', listener: (raw: unknown) => void): void;
  send(text: string): void;
  close(code: number): void;
  terminate(): void;
}

interface Client {
  readonly ws: Socket;
  readonly identified: boolean;
  readonly intents: number;
}

const RESUME = 6;
const INVALID_SESSION = JSON.stringify({ op: 9, d: false, s: null, t: null });

/** The twin listens on every interface where it is not told; tests stay on the loopback. */
async function onLoopback(start: () => Promise<void>): Promise<void> {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...given: unknown[]) {
    const done = given.find((one) => typeof one === 'function') as () => void;
    return listen.apply(this, [0, '127.0.0.1', done] as unknown as Parameters<typeof listen>);
  };
  try {
    await start();
  } finally {
    Server.prototype.listen = listen;
  }
}

/** The twin: its gateway, guild and members. */
export async function startTwin(options: {
  token: string;
  bot: { id: string; username: string };
  guildId: string;
  ownerId: string;
  users: readonly { id: string; username: string }[];
  channels: readonly Channel[];
  /** Names by id. */
  roles: Readonly<Record<string, string>>;
}) {
  // A file each: a database in memory would be shared by all twins of the process.
  const folder = await mkdtemp(join(tmpdir(), 'discord-'));
  const twin = new DigitalDiscord({
    botToken: options.token,
    botUser: options.bot,
    guild: { id: options.guildId, name: 'A guild', ownerId: options.ownerId },
    users: [...options.users],
    channels: options.channels.map(({ id, name = 'channel', type }) => ({ id, name, type })),
    dbUrl: `file:${join(folder, 'twin.db')}`,
  });
  await onLoopback(() => twin.start());
  const { server } = twin as unknown as Inside;
  const { gateway } = server;

  // The twin knows nothing of age restriction, and of roles only `@everyone`.
  const load = gateway.loadState;
  gateway.loadState = async () => {
    const state = await load();
    for (const channel of state.guilds.flatMap((guild) => guild.channels)) {
      channel.nsfw = options.channels.find(({ id }) => id === channel.id)?.nsfw ?? false;
    }
    for (const { apiGuild } of state.guilds) {
      const [everyone] = apiGuild.roles;
      const made = Object.entries(options.roles).map(([id, name]) => ({ ...everyone, id, name }));
      apiGuild.roles.push(...made);
    }
    return state;
  };
  // Nor of resuming: it would let a client wait for ever. The session is gone, so it identifies anew.
  gateway.wss.on('connection', (socket) => {
    socket.on('message', (raw) => {
      const { op } = JSON.parse(String(raw)) as { op: number };
      if (op === RESUME) socket.send(INVALID_SESSION);
    });
  });

  return {
    url: () => twin.restUrl,
    connected: () => gateway.clients.some((client) => client.identified),
    /** Sends an event; `intent` is the bit without which a client does not get it. */
    send(event: string, data: JsonObject, intent = 0): void {
      const asked = gateway.clients.every((client) => (client.intents & intent) === intent);
      if (asked) gateway.broadcast(event, data);
    },
    disconnect(code?: number): void {
      for (const { ws } of [...gateway.clients]) {
        if (code === undefined) ws.terminate();
        else ws.close(code);
      }
    },
    async close(): Promise<void> {
      server.httpServer.closeAllConnections();
      await twin.stop();
      await twin.prisma.$disconnect();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Twin = Awaited<ReturnType<typeof startTwin>>;
