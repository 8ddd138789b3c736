import { randomBytes } from 'node:crypto';
import type { JsonObject, Message } from './shapes.ts';

/** Slack names blocks that have no name. */
export function withIds(blocks: unknown): JsonObject[] | undefined {
  if (!Array.isArray(blocks)) return undefined;
  return (blocks as JsonObject[]).map((block) => ({
    ...block,
    block_id: block.block_id ?? randomBytes(4).toString('base64url').slice(0, 5),
  }));
}

const key = (channel: string, ts: string) => `${channel}/${ts}`;

/** Every message, as members see it: what the emulators were told, and what they do not know of. */
export function createMessages() {
  const held = new Map<string, Message>();
  return {
    key: (message: Message) => key(message.channel, message.ts),
    put(message: Message): Message {
      const blocks = withIds(message.blocks);
      const whole: Message = blocks === undefined ? message : { ...message, blocks };
      held.set(key(message.channel, message.ts), whole);
      return whole;
    },
    remove: (message: Message) => void held.delete(key(message.channel, message.ts)),
    find: (channel: string, ts: string) => held.get(key(channel, ts)),
    byKey: (which: string) => held.get(which),
    all: () => [...held.values()],
    /** A file that was deleted is gone from what showed it. */
    withoutFile(id: string): void {
      for (const [which, message] of held) {
        if (message.files?.some((file) => file.id === id) !== true) continue;
        held.set(which, { ...message, files: message.files.filter((file) => file.id !== id) });
      }
    },
  };
}

export type Messages = ReturnType<typeof createMessages>;

/** Of a channel: its own messages and those of threads, oldest first. */
export const inOrder = (list: readonly Message[]): Message[] =>
  list.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
