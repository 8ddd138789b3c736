import type { Clock } from './clock.ts';
import type { TaskClass } from './port.ts';
import { createTurns, type Turns } from './turns.ts';

/** A job that waits for the device with its next task. */
export interface Entry {
  readonly id: string;
  /** `ownerKey` of its owner. */
  readonly owner: string;
  readonly tenant: string;
  readonly class: TaskClass;
  /** Jobs of one owner go in this order. */
  readonly order: number;
  /** Whether the job has begun: no limit of running jobs holds it back. */
  readonly underWay: boolean;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  /** Share of device time that inversions keep while renders wait too, 0 to 1. */
  readonly inversionShare: number;
  /** Seconds for which a user's inversion goes on while other users' wait. */
  readonly turnSeconds: number;
  /** Seconds after which whoever has waited longest goes first. */
  readonly patienceSeconds: number;
  /** How many jobs an owner has that are not over. */
  outstanding(owner: string): number;
  /** Whether a job that has not begun may begin now. */
  mayBegin(entry: Entry): boolean;
}

/** Who is next on the device. It only decides: the gate (gate.ts) makes it happen. */
export interface Scheduler {
  add(entry: Entry): void;
  remove(id: string): Entry | undefined;
  /** Takes the next one out; undefined where nobody may go. */
  pick(): Entry | undefined;
  /** Whether `pick` would find one. */
  readonly ready: boolean;
  /**
   * What a picked entry took.
   * @param over whether its turn is over, e.g. because its inversion is
   * @returns whether its turn is over, its time being up for instance
   */
  took(entry: Entry, seconds: number, over: boolean): boolean;
  /** Waiting jobs that are served before this one, if nobody else comes; undefined if it is not here. */
  ahead(id: string): number | undefined;
  waiting(taskClass: TaskClass): readonly Entry[];
}

/**
 * Renders go before inversions, but while both wait, what renders take is owed to inversions in the
 * proportion of their share, and paid once it makes up a step. Within a class users take turns
 * (turns.ts): a render, or an inversion until it is done or its time is up.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { inversionShare: share, turnSeconds } = options;
  const classes: Record<TaskClass, Turns> = {
    render: createTurns(options),
    inversion: createTurns(options),
  };
  const entries = new Map<string, Entry>();
  /** Whose inversion is under way, and for how long. */
  let turn: { id: string; owner: string; seconds: number } | undefined;
  /** Seconds that inversions have given way beyond their share. */
  let owed = 0;
  /** Of the latest one. */
  let stepSeconds = 0;

  const next = (): Entry | undefined => {
    const render = classes.render.next();
    const inversion = continued() ?? classes.inversion.next();
    if (!render || !inversion) return render ?? inversion;
    return share > 0 && owed >= stepSeconds && owed > 0 ? inversion : render;
  };
  const continued = (): Entry | undefined => {
    const entry = turn && entries.get(turn.id);
    return entry?.class === 'inversion' ? entry : undefined;
  };

  const endTurn = () => {
    if (turn) classes.inversion.over(turn.owner);
    turn = undefined;
  };

  return {
    add(entry) {
      entries.set(entry.id, entry);
      classes[entry.class].add(entry);
    },
    remove(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      entries.delete(id);
      classes[entry.class].remove(entry);
      // Withdrawn in the middle of its turn: the owner's next one has to wait for a turn of its own.
      if (turn?.id === id) endTurn();
      return entry;
    },
    pick() {
      const entry = next();
      if (!entry) return undefined;
      entries.delete(entry.id);
      if (entry.class === 'inversion' && turn?.id !== entry.id) {
        endTurn();
        turn = { id: entry.id, owner: entry.owner, seconds: 0 };
      }
      classes[entry.class].take(entry);
      return entry;
    },
    get ready() {
      return next() !== undefined;
    },
    took(entry, seconds, over) {
      if (entry.class === 'render') {
        const waits = classes.inversion.size > 0;
        // Bounded, so that a long burst of renders is not followed by a long one of inversions.
        owed = waits ? Math.min(turnSeconds, owed + (seconds * share) / (1 - share)) : 0;
        classes.render.over(entry.owner);
        return true;
      }
      stepSeconds = seconds;
      owed = Math.max(0, owed - seconds);
      if (turn?.id !== entry.id) return true;
      turn.seconds += seconds;
      if (!over && turn.seconds < turnSeconds) return false;
      endTurn();
      return true;
    },
    ahead(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      const before = classes[entry.class].ahead(entry);
      return entry.class === 'render' ? before : before + classes.render.size;
    },
    waiting: (taskClass) => [...entries.values()].filter((entry) => entry.class === taskClass),
  };
}
