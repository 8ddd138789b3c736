import { join, relative } from 'node:path';
import { analogy } from './analogy.ts';
import { runCommand, type Terminal } from './command.ts';

const root = join(import.meta.dirname, '../..');

/** A face, the same face with glasses, and another face: all three held out from training. */
const pictures = ['plain.png', 'with-glasses.png', 'friend.png'];

/**
 * `npm run demo`: the picture at the head of the README, from the samples that come along. Options
 * of `analogy` may follow: `npm run demo -- --guidance 1,3`.
 */
export async function demo(args: readonly string[], terminal: Terminal): Promise<void> {
  const out = join(root, 'demo/likewise-demo.png');
  const samples = pictures.map((name) => join(root, 'samples', name));
  terminal.stdout.write("A gets glasses in A'; what does B look like, likewise? One moment …\n");
  await analogy([...samples, '--out', out, ...args], {
    ...terminal,
    env: { LIKEWISE_MODEL: join(root, 'models/avatars'), ...terminal.env },
  });
  terminal.stdout.write(
    `${relative(process.cwd(), out)} is ready. Above: A, A', B. Below: B', from strength 0, ` +
      'which gives B back, upwards; the framed one is the change at its full strength.\n',
  );
}

if (import.meta.main) await runCommand(demo);
