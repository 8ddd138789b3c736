import type { RecordedRequest } from './shapes.ts';
import { violations } from './validator.ts';

/** What is wrong with what the bot sent, by Slack's documents. */
export const wrongWith = (requests: readonly RecordedRequest[]): string[] =>
  requests.flatMap(({ method, body }) => violations(method, body));

/** How many messages came to a channel within a second of the one before: about one is allowed. */
export function crowded(requests: readonly RecordedRequest[]): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { method, body, at, ok } of requests) {
    if (method !== 'chat.postMessage' || ok !== true) continue;
    const channel = String(body.channel);
    if (at - (last.get(channel) ?? 0) < 1000) count += 1;
    last.set(channel, at);
  }
  return count;
}
