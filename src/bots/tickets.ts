import { randomBytes } from 'node:crypto';
import type { LazyFile } from '../commands/port.ts';
import { bytesOf, heldFile } from './files.ts';

/** What was sent with a command that asks on in a dialog. */
export interface Ticket {
  readonly user: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly private: boolean | undefined;
  readonly spoiler: boolean | undefined;
}

export interface Tickets {
  /**
   * Reads the files at once, as far as there is room for what they say they are: their addresses may
   * expire before the dialog is sent. Others are read only where they are needed. @returns its id
   */
  keep(ticket: Ticket): string;
  /** Once: undefined for one that is not known (any more), or is somebody else's. */
  take(id: string, user: string): Ticket | undefined;
}

/** Milliseconds for which a dialog may stay open. */
const lasting = 15 * 60_000;
/** Dialogs that are open at one time, and those of one user. */
const most = { all: 200, user: 3 };
/** Bytes of the files that are held at one time, and those of one user. */
const mostBytes = { all: 256e6, user: 64e6 };
/** Bytes that a file is taken for which does not say how many it has. */
const usual = 25e6;

/** In memory: after a restart the command is to be given again. */
export function createTickets(now: () => number = Date.now): Tickets {
  const kept = new Map<string, Kept>();
  const drop = (id: string) => {
    kept.get(id)?.stop.abort();
    kept.delete(id);
  };
  const trim = (user: string) => {
    for (const [id, { until }] of kept) if (until < now()) drop(id);
    const mine = [...kept].filter(([, { ticket }]) => ticket.user === user);
    for (const [id] of mine.slice(0, Math.max(0, mine.length - most.user + 1))) drop(id);
    for (const id of kept.keys()) {
      if (kept.size < most.all) break;
      drop(id);
    }
  };
  /** Bytes that are held of a user, or of all. */
  const held = (user?: string) =>
    [...kept.values()]
      .filter(({ ticket }) => user === undefined || ticket.user === user)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    keep(ticket) {
      const { user } = ticket;
      trim(user);
      const id = randomBytes(12).toString('hex');
      const stop = new AbortController();
      const room = Math.min(mostBytes.user - held(user), mostBytes.all - held());
      let bytes = 0;
      const input = Object.fromEntries(
        Object.entries(ticket.input).map(([name, value]) => {
          if (!isFile(value)) return [name, value];
          const size = value.size ?? usual;
          if (bytes + size > room) return [name, value];
          bytes += size;
          return [name, readNow(value, stop.signal)];
        }),
      );
      kept.set(id, { ticket: { ...ticket, input }, until: now() + lasting, stop, bytes });
      // Nobody else may come to have it dropped.
      setTimeout(drop, lasting, id).unref();
      return id;
    },
    take(id, user) {
      const found = kept.get(id);
      if (found?.ticket.user !== user || found.until < now()) return undefined;
      kept.delete(id);
      return found.ticket;
    },
  };
}

interface Kept {
  readonly ticket: Ticket;
  readonly until: number;
  /** Ends the reading. */
  readonly stop: AbortController;
  /** Of the files that are held. */
  readonly bytes: number;
}

function isFile(value: unknown): value is LazyFile {
  return typeof value === 'object' && value !== null && 'fetch' in value;
}

function readNow(file: LazyFile, signal: AbortSignal): LazyFile {
  const read = bytesOf(file, signal);
  // Whoever needs it is told; nobody may come for it.
  read.catch(() => {});
  return {
    name: file.name,
    size: file.size,
    fetch: async (ending) => heldFile(file.name, await read).fetch(ending),
  };
}
