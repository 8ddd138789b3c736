import type { Commands, Log } from '../../commands/port.ts';
import type { Members } from './members.ts';
import type { Answers } from './store.ts';
import type { Wire } from './wire.ts';

/** What everything here works with. */
export interface Desk {
  readonly commands: Commands;
  readonly answers: Answers;
  readonly members: Members;
  /** Of a workspace; undefined where the app is no longer there. */
  readonly wireOf: (team: string) => Wire | undefined;
  /** By the token that the app has in a workspace. */
  readonly wireFor: (token: string) => Wire;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends the telling: the bot stops. */
  readonly signal: AbortSignal;
  /** From where files are read. */
  readonly hosts: readonly string[];
  /** Most bytes of a file that is read. */
  readonly most: number;
  /** Milliseconds between two edits that tell of progress. */
  readonly pace: number;
}
