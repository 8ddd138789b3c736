import type { Commands, Log } from '../commands/port.ts';

/** What a bot is made of, whatever its platform. */
export interface BotOptions {
  readonly commands: Commands;
  readonly log: Log;
}

/**
 * A chat platform's side: it turns what people do there into commands and buttons (`Commands.run` and
 * `press`), and draws their views.
 */
export interface Bot {
  /** e.g. `web`; tenants of it begin with it. */
  readonly name: string;
  /**
   * Opens its door, or connects.
   * @returns once it can be used
   * @throws LikewiseError where it cannot
   */
  start(): Promise<void>;
  /** Takes nothing new, lets go of what it tells; jobs go on in the engine. Twice does nothing. */
  stop(): Promise<void>;
}
