import { join, relative } from 'node:path';
import { loadConfig } from '../../config/index.ts';
import { analogy } from './analogy.ts';
import { runCommand, type Terminal } from './command.ts';
import { parseAnalogyArguments, wantsHelp } from './options.ts';

const root = join(import.meta.dirname, '../..');

/** A face, the same face with glasses, and another face: all three held out from training. */
const pictures = ['plain.png', 'with-glasses.png', 'friend.png'];

/**
 * `npm run demo`: the picture at the head of the README, from the samples that come along. Options
 * of `analogy` may follow: `npm run demo -- --guidance 1,3`.
 */
export async function demo(args: readonly string[], terminal: Terminal): Promise<void> {
  if (wantsHelp(args)) return analogy(args, terminal);
  const samples = pictures.map((name) => join(root, 'samples', name));
  const all = [...samples, '--out', join(root, 'demo/likewise-demo.png'), ...args];
  const env = { LIKEWISE_MODEL: join(root, 'models/avatars'), ...terminal.env };
  const parsed = parseAnalogyArguments(all, loadConfig(env));
  terminal.stdout.write("A gets glasses in A'; what does B look like, likewise? One moment …\n");
  await analogy(all, { ...terminal, env });
  terminal.stdout.write(
    `${relative(process.cwd(), parsed.out)} is ready. Above: A, A', B. Below: B' at each strength ` +
      'of the change: 0 gives B back, 1 is the whole change.\n',
  );
}

if (import.meta.main) await runCommand(demo);
