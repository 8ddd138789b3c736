import type { Entry, SchedulerOptions } from './scheduler.ts';

/** Entries of one class, whose owners take turns. */
export interface Turns {
  add(entry: Entry): void;
  /** Takes a waiting entry out because it is withdrawn. */
  remove(entry: Entry): void;
  /** Whose turn it is; undefined where nobody may go. */
  next(): Entry | undefined;
  /** Takes a waiting entry out because its turn begins. */
  take(entry: Entry): void;
  /** The owner's turn is over: others who wait go before the owner's next one. */
  over(owner: string): void;
  /** Waiting entries that go before this one, if nobody else comes. */
  ahead(entry: Entry): number;
  readonly size: number;
}

interface Line {
  readonly owner: string;
  /** Those under way first, then by their order. */
  readonly entries: Entry[];
  /** The round in which the owner is served next. */
  round: number;
  /** Since when the owner waits, in milliseconds. */
  since: number;
  /** Whether the owner was served neither in this round nor in the one before. */
  isNew: boolean;
}

type Options = Pick<SchedulerOptions, 'clock' | 'patienceSeconds' | 'outstanding' | 'mayBegin'>;

/**
 * Rounds: in each, every owner who waits is served once. Newcomers join the round that is on, the one
 * with the fewest outstanding jobs first, so that whoever floods waits longest; after them come those
 * who were served in the round before, in the same order as then. Therefore nobody is served twice
 * while another, who may go, waits.
 *
 * Newcomers could keep passing the others. So they do not go before somebody who has waited for longer
 * than `patienceSeconds`: then whoever has waited longest goes first.
 */
export function createTurns(options: Options): Turns {
  const { clock, patienceSeconds, outstanding, mayBegin } = options;
  const lines = new Map<string, Line>();
  /** Those with entries. */
  const waiting = new Set<Line>();
  let round = 0;
  let size = 0;

  const lineOf = (owner: string): Line => {
    let line = lines.get(owner);
    if (!line) {
      line = { owner, entries: [], round, since: clock.now(), isNew: true };
      lines.set(owner, line);
    }
    return line;
  };
  const withdraw = (entry: Entry): Line => {
    const line = lineOf(entry.owner);
    const at = line.entries.findIndex(({ id }) => id === entry.id);
    if (at < 0) throw new RangeError(`${entry.id} does not wait`);
    line.entries.splice(at, 1);
    size--;
    if (line.entries.length === 0) waiting.delete(line);
    return line;
  };
  const isBefore = (one: Line, other: Line, patient: number): boolean => {
    if (one.since < patient || other.since < patient) {
      if (one.since !== other.since) return one.since < other.since;
    }
    if (one.round !== other.round) return one.round < other.round;
    if (one.isNew !== other.isNew) return one.isNew;
    // By their place in the round before, which the outstanding jobs decided when they came.
    if (!one.isNew) return one.since < other.since;
    const [mine, theirs] = [outstanding(one.owner), outstanding(other.owner)];
    return mine === theirs ? one.since < other.since : mine < theirs;
  };

  return {
    add(entry) {
      const line = lineOf(entry.owner);
      if (line.entries.length === 0) {
        line.isNew ||= line.round < round;
        line.round = Math.max(line.round, round);
        line.since = clock.now();
        waiting.add(line);
      }
      line.entries.splice(placeOf(line.entries, entry), 0, entry);
      size++;
    },
    remove: (entry) => void withdraw(entry),
    next() {
      const patient = clock.now() - patienceSeconds * 1000;
      let best: Line | undefined;
      for (const line of waiting) {
        const head = line.entries[0] as Entry;
        if (!head.underWay && !mayBegin(head)) continue;
        if (!best || isBefore(line, best, patient)) best = line;
      }
      return best?.entries[0];
    },
    take(entry) {
      const line = withdraw(entry);
      if (line.round <= round) return;
      round = line.round;
      // Who has nothing waiting, and was not served in the round before, need not be remembered.
      for (const [owner, other] of lines) {
        if (other.entries.length === 0 && other.round < round) lines.delete(owner);
      }
    },
    over(owner) {
      const line = lineOf(owner);
      line.round = Math.max(line.round, round) + 1;
      line.since = clock.now();
      line.isNew = false;
    },
    ahead(entry) {
      const own = lineOf(entry.owner);
      const index = own.entries.findIndex(({ id }) => id === entry.id);
      const patient = clock.now() - patienceSeconds * 1000;
      let before = index;
      for (const other of waiting) {
        if (other === own) continue;
        const rounds = own.round + index - other.round;
        const tie = isBefore({ ...other, round: 0 }, { ...own, round: 0 }, patient) ? 1 : 0;
        before += Math.min(other.entries.length, Math.max(0, rounds + tie));
      }
      return before;
    },
    get size() {
      return size;
    },
  };
}

/** Where in a line an entry goes. */
function placeOf(entries: readonly Entry[], entry: Entry): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = entries[middle] as Entry;
    const isAfter = other.underWay === entry.underWay ? other.order < entry.order : other.underWay;
    if (isAfter) low = middle + 1;
    else high = middle;
  }
  return low;
}
