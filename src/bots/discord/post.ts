import type { Post, Shown, Why } from '../tell.ts';
import type { Entry } from './store.ts';
import type { Posted, Ready, Wire } from './wire.ts';
import { refusedFor } from './wire.ts';

export interface PostOptions {
  readonly wire: Wire;
  /** Where the answer is, as far as it is known. */
  readonly entry: Entry;
  readonly now: () => number;
}

/**
 * Ways in their order: the interaction's token, for 15 minutes; the bot's own token, which only reaches
 * what all see; a new message where the old one cannot be edited any more; a direct message.
 */
export function createPost({ wire, entry, now }: PostOptions): Post<Ready> {
  const hasToken = () => entry.record.token !== '' && now() < entry.record.tokenUntil;
  const at = ({ message, channel }: Posted) => entry.change({ message, channel });

  /** @returns undefined where another way is to be tried */
  const byInteraction = async (message: Ready): Promise<Shown | undefined> => {
    if (!hasToken()) return undefined;
    try {
      const place = await wire.editOriginal(entry.record.token, message);
      if (entry.record.message !== place.message) at(place);
      return 'shown';
    } catch (error) {
      // Its channel went with it: the interaction's token reaches every one that is there.
      if (refusedFor(error, ['gone', 'nowhere'])) return 'deleted';
      if (!refusedFor(error, ['expired', 'old'])) throw error;
      entry.change({ tokenUntil: 0 });
      return undefined;
    }
  };
  const inChannel = async (message: Ready, last: boolean): Promise<Shown | undefined> => {
    const { channel, message: id } = entry.record;
    if (entry.record.private || id === undefined) return undefined;
    try {
      await wire.edit({ channel, message: id }, message);
      return 'shown';
    } catch (error) {
      if (refusedFor(error, ['gone'])) return 'deleted';
      if (refusedFor(error, ['closed'])) return undefined;
      if (!refusedFor(error, ['old'])) throw error;
      // Progress is not worth another message.
      if (!last) return 'shown';
    }
    try {
      at(await wire.post(channel, message, id));
      return 'shown';
    } catch (error) {
      if (!refusedFor(error, ['closed'])) throw error;
      return undefined;
    }
  };
  const directly = async (prepare: (direct: Why) => Promise<Ready>): Promise<Shown> => {
    const message = await prepare(entry.record.private ? 'private' : 'closed');
    try {
      const channel = await wire.direct(entry.record.user);
      const place = await wire.post(channel, message);
      entry.change({ ...place, private: false, guild: undefined });
      return 'shown';
    } catch (error) {
      if (refusedFor(error, ['unreachable', 'closed'])) return 'unreachable';
      throw error;
    }
  };

  return {
    isClosing: (within) => now() > entry.record.tokenUntil - within,
    async show(prepare, last) {
      for (;;) {
        try {
          const message = await prepare();
          const shown = (await byInteraction(message)) ?? (await inChannel(message, last));
          return shown ?? (last ? await directly(prepare) : 'shown');
        } catch (error) {
          const { limit } = entry.record;
          if (!refusedFor(error, ['large']) || limit <= 1) throw error;
          // The place takes less than Discord said: the largest files are left out.
          entry.change({ limit: Math.floor(limit / 2) });
        }
      }
    },
    async remove() {
      try {
        const { token, channel, message, private: isPrivate } = entry.record;
        if (hasToken()) await wire.deleteOriginal(token);
        else if (message !== undefined && !isPrivate) await wire.delete({ channel, message });
      } catch (error) {
        if (!refusedFor(error, ['gone', 'expired', 'closed'])) throw error;
      }
    },
  };
}
