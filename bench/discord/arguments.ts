import { readFlags } from '../common/arguments.ts';
import { readSoak, type SoakArguments, soakFlags } from '../common/chat/soak.ts';

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

export type DiscordArguments = SoakArguments;

/** @throws LikewiseError `USAGE` */
export function parseDiscordArguments(args: readonly string[]): DiscordArguments | 'help' {
  const flags = readFlags(args, { ...soakFlags, help: { type: 'boolean' } });
  return flags.help ? 'help' : readSoak(flags);
}
