import { isLikewiseError } from '../../errors.ts';
import type { Journal } from './journal/index.ts';

/** The journal cannot be written or read: nothing may go on that it would not know of. */
export class JournalLostError extends Error {
  override readonly name = 'JournalLostError';
}

/**
 * A journal whose errors, other than a full disk, say that the journal is lost: no job is to blame for
 * them.
 *
 * @param onLost told of the first such error, and of those that follow
 */
export function guarded(journal: Journal, onLost: (error: JournalLostError) => void): Journal {
  const guard =
    <Args extends unknown[], T>(call: (...args: Args) => T) =>
    (...args: Args): T => {
      try {
        return call(...args);
      } catch (cause) {
        if (isLikewiseError(cause)) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        const lost = new JournalLostError(`the journal failed: ${reason}`, { cause });
        onLost(lost);
        throw lost;
      }
    };
  return {
    recover: guard(journal.recover),
    accept: guard(journal.accept),
    get: guard(journal.get),
    find: guard(journal.find),
    list: guard(journal.list),
    start: guard(journal.start),
    onDevice: guard(journal.onDevice),
    want: guard(journal.want),
    reach: guard(journal.reach),
    checkpoint: guard(journal.checkpoint),
    checkpoints: guard(journal.checkpoints),
    settle: guard(journal.settle),
    part: guard(journal.part),
    end: guard(journal.end),
    spend: guard(journal.spend),
    usage: guard(journal.usage),
    forget: guard(journal.forget),
    forgotten: guard(journal.forgotten),
    isForgotten: guard(journal.isForgotten),
    sweep: guard(journal.sweep),
    forgetBefore: guard(journal.forgetBefore),
    dropTransient: guard(journal.dropTransient),
    close: guard(journal.close),
  };
}
