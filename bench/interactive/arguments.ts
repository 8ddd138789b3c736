import { readFlags, whole } from '../common/arguments.ts';

export const usage = `npm run bench:interactive -- [options]

The whole product as npm start opens it, in a folder of its own, and a browser that makes the sample
analogy and drags the strength slider to and fro: how many pictures are drawn on the way, and how long the
final one takes from the release of the slider. Prints figures as JSON at the end.

  --drags N       drags, with a release at the end of each                3
  --seconds N     seconds of one drag                                     20
  --rate N        positions a second                                      10
  --renders N     cells that are drawn without a browser, to compare      20
  --help          this text

The browser is Chromium, named by CHROMIUM or where Debian and Google put it.
`;

export interface InteractiveArguments {
  readonly drags: number;
  readonly seconds: number;
  readonly rate: number;
  readonly renders: number;
}

/** @throws LikewiseError `USAGE` */
export function parseInteractiveArguments(args: readonly string[]): InteractiveArguments | 'help' {
  const flags = readFlags(args, {
    drags: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
    renders: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  return {
    // Each drag has a guidance of its own, and there are no more of them.
    drags: whole('drags', flags.drags, 3, [1, 30]),
    seconds: whole('seconds', flags.seconds, 20, [1, 600]),
    rate: whole('rate', flags.rate, 10, [1, 30]),
    renders: whole('renders', flags.renders, 20, [1, 1000]),
  };
}
