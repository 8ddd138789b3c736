import { LikewiseError } from '../errors.ts';
import { type Command, runCommand } from './command.ts';
import { check } from './model/check.ts';
import { list } from './model/list.ts';
import { pullModel } from './model/pull.ts';

export const modelUsage = `Models: to get one, to see which are here, to try one.

  npm run model -- pull OWNER/NAME [--revision R] [--hub URL] [--out DIR]
  npm run model -- list
  npm run model -- check DIR [--provider P] [--preset P] [--precision P] [--memory MB]
                             [--directions N]

pull    fetches what a model needs out of a repository of a hub, checks it, and puts it into
        models/OWNER--NAME. Stopped, it goes on where it was when it is run again.
  --revision R       a branch, a tag or a commit; main without
  --hub URL          another hub of the same protocol; LIKEWISE_HUB_URL without
  --out DIR          another folder, which must not be there yet
                     LIKEWISE_HUB_TOKEN, or LIKEWISE_HUB_TOKEN_FILE, for what asks for one

list    shows the folders under models/, and which one the settings name.

check   says what a model is, holds its gradients against finite differences, measures time and
        memory (on a GPU, time by float16 as well), and says which settings suit it.
  --provider P       what it runs on; LIKEWISE_PROVIDER without
  --preset P         fast or paper; LIKEWISE_PRESET without
  --precision P      float32 or float16; LIKEWISE_PRECISION without
  --memory MB        that the model may take; LIKEWISE_MEMORY_MEGABYTES without
  --directions N     random directions for each gradient, 1 to 20; 2 without

  --help             this text

docs/models.md says which models fit and how to export one.
`;

const commands: Readonly<Record<string, Command>> = { pull: pullModel, list, check };

/** `npm run model -- pull | list | check`: what an operator does with models. */
export const model: Command = async (args, terminal) => {
  if (args.includes('--help') || args.includes('-h')) {
    terminal.stdout.write(modelUsage);
    return;
  }
  const [name, ...rest] = args;
  const command = Object.hasOwn(commands, name ?? '') ? commands[name ?? ''] : undefined;
  if (!command) {
    const said = name === undefined ? 'What to do is missing' : `There is no "${name}"`;
    throw new LikewiseError('USAGE', { problem: `${said}: say pull, list or check` });
  }
  await command(rest, terminal);
};

if (import.meta.main) await runCommand(model);
