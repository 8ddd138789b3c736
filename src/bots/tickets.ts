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
  /** Reads the files at once: their addresses may expire before the dialog is sent. @returns its id */
  keep(ticket: Ticket): string;
  /** Once: undefined for one that is not known (any more), or is somebody else's. */
  take(id: string, user: string): Ticket | undefined;
}

/** Milliseconds for which a dialog may stay open. */
const lasting = 15 * 60_000;
/** Dialogs that are open at one time, and those of one user. */
const most = { all: 200, user: 3 };

/** In memory: after a restart the command is to be given again. */
export function createTickets(now: () => number = Date.now): Tickets {
  const kept = new Map<string, { ticket: Ticket; until: number; stop: AbortController }>();
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
  return {
    keep(ticket) {
      trim(ticket.user);
      const id = randomBytes(12).toString('hex');
      const stop = new AbortController();
      const input = Object.fromEntries(
        Object.entries(ticket.input).map(([name, value]) => [
          name,
          isFile(value) ? readNow(value, stop.signal) : value,
        ]),
      );
      kept.set(id, { ticket: { ...ticket, input }, until: now() + lasting, stop });
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
