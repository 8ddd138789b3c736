import type { Commands, Views } from '../../commands/port.ts';
import { contextOf } from './conversation.ts';
import type { Message } from './messages.ts';

/**
 * What a message was waiting for when the server stopped went on in the engine: its views are asked
 * for again.
 */
export function resumed(
  commands: Commands,
  signal: AbortSignal,
): (tenant: string, message: Message) => Views | undefined {
  return (tenant, { id, progress }) => {
    if (!progress) return undefined;
    if (progress.job === undefined) return lost();
    const context = contextOf(tenant, `resume.${id}`.slice(0, 100), {
      message: id,
      signal,
    });
    return commands.run(context, 'show', { job: progress.job });
  };
}

/** There was no job yet: the pictures were in memory only. */
async function* lost(): Views {
  const text = 'This was stopped before its pictures were read. Make it again.';
  yield { kind: 'cancelled', job: '', text, replaced: false, buttons: [], private: true };
}
