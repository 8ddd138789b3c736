/** Members at work for some minutes, evenly, and what memory the bot and the engine take meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { whole } from '../arguments.ts';
import { progressLine } from '../progress.ts';
import type { Memory } from './processes.ts';

export interface SoakArguments {
  readonly minutes: number;
  readonly interactions: number;
  readonly members: number;
  readonly seed: number;
}

export const soakFlags = {
  minutes: { type: 'string' },
  interactions: { type: 'string' },
  members: { type: 'string' },
  seed: { type: 'string' },
} as const;

/** @throws LikewiseError `USAGE` */
export function readSoak(
  flags: Readonly<Partial<Record<keyof typeof soakFlags, string | undefined>>>,
): SoakArguments {
  return {
    // Addresses of answers age within 15 minutes on Discord and 30 on Slack; more is another test.
    minutes: whole('minutes', flags.minutes, 10, [1, 60]),
    interactions: whole('interactions', flags.interactions, 1000, [1, 100_000]),
    members: whole('members', flags.members, 100, [1, 10_000]),
    seed: whole('seed', flags.seed, 0, [0, 2 ** 31]),
  };
}

export interface Sample {
  /** Seconds since the first interaction. */
  readonly at: number;
  readonly bot: Memory;
  readonly engine: Memory;
}

export interface SoakOptions extends Pick<SoakArguments, 'minutes' | 'interactions'> {
  /** Before the count of what is done. */
  readonly title: string;
  readonly signal: AbortSignal;
  readonly bot: { memory(): Promise<Memory> };
  readonly engine: { memory(): Promise<Memory> };
  /** One interaction. */
  readonly act: () => Promise<void>;
  /** How many are not answered yet. */
  readonly open: () => number;
}

/** Milliseconds for the last answers, once nobody asks any more. */
const patience = 300_000;

/** @returns how long all of it took, and the memory each minute */
export async function soak(
  options: SoakOptions,
): Promise<{ readonly seconds: number; readonly memoryMb: readonly Sample[] }> {
  const { title, minutes, interactions, signal, bot, engine, act, open } = options;
  const memoryMb: Sample[] = [];
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const sample = async () => {
    const at = Math.round(seconds());
    memoryMb.push({ at, bot: await bot.memory(), engine: await engine.memory() });
  };
  await sample();
  const minutely = setInterval(() => void sample().catch(() => {}), 60_000);
  const line = progressLine(title, interactions, 0);
  try {
    for (let n = 0; n < interactions; n++) {
      const due = (n / interactions) * minutes * 60 - seconds();
      if (due > 0) await sleep(due * 1000, undefined, { signal });
      signal.throwIfAborted();
      await act();
      line.update(n + 1, `${open()} open`);
    }
    const until = performance.now() + patience;
    while (open() > 0 && performance.now() < until) await sleep(200, undefined, { signal });
  } finally {
    clearInterval(minutely);
    line.stop();
  }
  const took = seconds();
  await sample();
  return { seconds: took, memoryMb };
}
