import { randomBytes, randomInt } from 'node:crypto';

/** An id as Slack's: a letter for the kind, then capitals and digits. */
export const slackId = (kind: string): string =>
  `${kind}${randomBytes(5).toString('hex').toUpperCase()}`;

let counter = 0;
/** A message's or an action's time, in seconds: each is another one. */
export function timestamp(): string {
  counter = (counter + 1) % 1_000_000;
  return `${Math.floor(Date.now() / 1000)}.${String(counter).padStart(6, '0')}`;
}

/** As long as Slack's, and as meaningless. */
export const triggerId = (): string =>
  `${randomInt(1e12)}.${randomInt(1e12)}.${randomBytes(16).toString('hex')}`;

export const secret = (bytes = 16): string => randomBytes(bytes).toString('hex');
