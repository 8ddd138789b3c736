import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { whole, wrong } from '../common/arguments.ts';

export interface IntakeArguments {
  readonly folder: string;
  readonly side: number;
  readonly report: string | undefined;
}

export const usage = `What becomes of every file of a folder that is sent in as a picture.

  npm run bench:intake -- DIR [options]

  --side N        pictures are made to fit N x N pixels       (512)
  --report FILE   writes the figures and every file's outcome as JSON
  --help          this text

Files in a folder of DIR that is named as an outcome ("read", "PICTURE_BROKEN" …) are
expected to have it. Files that want to do harm: node bench/intake/hostile.ts OUT
The limits are those of the settings, such as LIKEWISE_INTAKE_CHILD_MEGABYTES.
`;

const options = {
  side: { type: 'string' },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws LikewiseError `USAGE` */
export function parseIntakeArguments(args: readonly string[]): IntakeArguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw wrong('name one folder of files');
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw wrong(`"${folder}" is no folder`);
  }
  const { report } = values;
  if (report !== undefined && !report.endsWith('.json')) {
    throw wrong(`--report writes JSON: "${report}" must end in .json`);
  }
  return { folder, side: whole('side', values.side, 512, [16, 4096]), report };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrong(problem, cause);
  }
}
