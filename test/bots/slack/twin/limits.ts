import { type Answer, refused, word } from './answers.ts';
import { channelOf } from './places.ts';
import type { JsonObject } from './shapes.ts';
import type { Token, World } from './world.ts';

const MINUTE = 60_000;

/** Requests a minute, of a method in a workspace: Slack's tiers, without what it allows beyond. */
const TIERS: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'chat.delete': 50,
  'conversations.open': 50,
  'files.delete': 50,
  'chat.postEphemeral': 100,
  'files.info': 100,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'users.info': 100,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
};

/** Messages that may come to a channel at once; then it is one a second. */
const BURST = 5;

/** Who asks too often gets a 429 with the seconds to wait. */
export function createLimits() {
  const asked = new Map<string, number[]>();

  /** Seconds to wait; 0 where one more is let through, which is counted then. */
  function wait(key: string, most: number, within: number, now: number): number {
    const times = (asked.get(key) ?? []).filter((at) => now - at < within);
    asked.set(key, times);
    if (times.length < most) {
      times.push(now);
      return 0;
    }
    return Math.max(1, Math.ceil(((times[0] ?? now) + within - now) / 1000));
  }

  return {
    check(world: World, method: string, body: JsonObject, token: Token): Answer | undefined {
      const { running } = token;
      const now = world.now();
      const tier = TIERS[method];
      const seconds =
        method === 'chat.postMessage'
          ? wait(`to ${channelOf(running, word(body.channel))}`, BURST, BURST * 1000, now)
          : tier === undefined
            ? 0
            : wait(`${method} ${running.workspace.teamId}`, tier, MINUTE, now);
      if (seconds === 0) return undefined;
      return { ...refused('ratelimited'), status: 429, headers: { 'retry-after': `${seconds}` } };
    },
  };
}

export type Limits = ReturnType<typeof createLimits>;
