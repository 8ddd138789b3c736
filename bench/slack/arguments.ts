import { readFlags } from '../common/arguments.ts';
import { readSoak, type SoakArguments, soakFlags } from '../common/chat/soak.ts';

export const usage = `npm run bench:slack -- [options]

Members of a made-up Slack workspace use the whole bot, in front of the product's engine and queue on a
stand-in device that takes as long as the embedded model: the command, its dialogs, buttons, menus,
shortcuts and the Home tab, evenly over the time. Prints figures as JSON at the end, with exit status 1
where something was not answered in time, not at all, twice or wrongly.

  --minutes N        for how long they do so      10
  --interactions N   what they do in all          1000
  --members N        how many they are            100
  --seed N           what they do                 0
  --socket           by Socket Mode, not HTTP
  --limited          Slack refuses what comes too often, by its tiers
  --help             this text
`;

export interface SlackArguments extends SoakArguments {
  readonly socket: boolean;
  readonly limited: boolean;
}

/** @throws LikewiseError `USAGE` */
export function parseSlackArguments(args: readonly string[]): SlackArguments | 'help' {
  const flags = readFlags(args, {
    ...soakFlags,
    socket: { type: 'boolean' },
    limited: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  return { ...readSoak(flags), socket: flags.socket === true, limited: flags.limited === true };
}
