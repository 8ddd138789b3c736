import { constants } from 'node:os';
import { outliveReaders } from '../engine/supervisor.ts';
import { isLikewiseError, LikewiseError } from '../errors.ts';

/** What a command may use of the process that it runs in. */
export interface Terminal {
  env: Record<string, string | undefined>;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  signal: AbortSignal;
}

/** Runs to its end, or throws. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<void>;

/**
 * Runs a command as this process: its exit status is the error's, what the user reads is one line
 * on stderr, and an interrupt (or a request to end) lets it tidy up first; a second one does not.
 */
export async function runCommand(command: Command): Promise<void> {
  outliveReaders();
  const abort = new AbortController();
  let stoppedAt: number | undefined;
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    const status = 128 + constants.signals[name];
    // One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
    if (stoppedAt !== undefined && Date.now() - stoppedAt > 1000) process.exit(status);
    if (stoppedAt !== undefined) return;
    stoppedAt = Date.now();
    process.exitCode = status;
    abort.abort(new LikewiseError('CANCELLED', {}));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const { env, stdout, stderr } = process;
    await command(process.argv.slice(2), { env, stdout, stderr, signal: abort.signal });
  } catch (error) {
    // Whatever was thrown on the way out of an interrupt, the interrupt is what happened.
    const told = abort.signal.aborted ? abort.signal.reason : error;
    process.stderr.write(`${describeError(told, process.env)}\n`);
    process.exitCode ??= isLikewiseError(told) ? told.exitStatus : 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** One line, or, of a fault of the program and where it is asked for, the stack as well. */
export function describeError(error: unknown, env: Record<string, string | undefined>): string {
  if (isLikewiseError(error)) return error.message;
  if (env.LIKEWISE_DEBUG && error instanceof Error) return error.stack ?? error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `A fault of the program: ${message.split('\n')[0]} (set LIKEWISE_DEBUG=1 to see where).`;
}
