import { readFlags, whole } from '../common/arguments.ts';

export const usage = `npm run bench:discord -- [options]

Members of a made-up Discord server use the whole bot, in front of the product's engine and queue on a
stand-in device that takes as long as the embedded model: commands, buttons, lists, dialogs and
completions, evenly over the time. Prints figures as JSON at the end, with exit status 1 where something was not
answered in time, not at all, twice or wrongly.

  --minutes N        for how long they do so      10
  --interactions N   what they do in all          1000
  --members N        how many they are            100
  --seed N           what they do                 0
  --help             this text
`;

export interface DiscordArguments {
  readonly minutes: number;
  readonly interactions: number;
  readonly members: number;
  readonly seed: number;
}

/** @throws LikewiseError `USAGE` */
export function parseDiscordArguments(args: readonly string[]): DiscordArguments | 'help' {
  const flags = readFlags(args, {
    minutes: { type: 'string' },
    interactions: { type: 'string' },
    members: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  return {
    // Discord takes edits by an interaction's token for 15 minutes; more is another test.
    minutes: whole('minutes', flags.minutes, 10, [1, 60]),
    interactions: whole('interactions', flags.interactions, 1000, [1, 100_000]),
    members: whole('members', flags.members, 100, [1, 10_000]),
    seed: whole('seed', flags.seed, 0, [0, 2 ** 31]),
  };
}
