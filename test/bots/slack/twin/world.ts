import type { App, Running } from './emulator.ts';
import type { Files } from './files.ts';
import type { Limits } from './limits.ts';
import type { Messages } from './messages.ts';
import type { Ack, JsonObject, Member, Message, View } from './shapes.ts';
import type { Views } from './views.ts';

/** Something that a member did, and what came of it. */
export interface ActState {
  readonly user: Member;
  readonly running: Running;
  /** Where it was; undefined for views, global shortcuts and events. */
  readonly channelId: string | undefined;
  /** The message whose button it was. */
  readonly source: Message | undefined;
  readonly payload: JsonObject;
  /** How it travels. */
  readonly kind: 'slash_commands' | 'interactive' | 'events_api';
  readonly triggerId: string | undefined;
  readonly responseUrl: string | undefined;
  ack: Ack | undefined;
  failed: Error | undefined;
  /** Ids of the views that came of it. */
  readonly views: string[];
  /** Keys of the messages that came over its response URL. */
  readonly replies: string[];
}

export interface Trigger {
  readonly userId: string;
  /** Milliseconds since 1970, by Slack's clock. */
  readonly bornAt: number;
  /** The view which it came from: what a push goes onto. */
  readonly viewId: string | undefined;
  act: ActState | undefined;
  used: boolean;
}

export interface ResponseUrl {
  readonly act: ActState;
  readonly bornAt: number;
  uses: number;
}

export interface Token {
  readonly running: Running;
  scopes: ReadonlySet<string>;
  /** Slack's word for why it does not work any more. */
  revoked: 'token_revoked' | 'account_inactive' | undefined;
}

/** What Slack knows beside the emulators; the proxy and the hands share it. */
export interface World {
  readonly app: App;
  readonly appToken: string;
  /** Of payloads: the old way to tell that they come from Slack. */
  readonly verificationToken: string;
  readonly origin: string;
  readonly running: readonly Running[];
  readonly people: ReadonlyMap<string, Member>;
  readonly tokens: Map<string, Token>;
  readonly triggers: Map<string, Trigger>;
  /** By the path. */
  readonly responseUrls: Map<string, ResponseUrl>;
  readonly messages: Messages;
  readonly files: Files;
  /** Undefined where nothing is limited. */
  readonly limits: Limits | undefined;
  readonly views: Views;
  /** Channels that the bot is in; its DMs are not among them. */
  readonly joined: Set<string>;
  readonly archived: Set<string>;
  /** People whom nothing can be written to. */
  readonly closed: Set<string>;
  readonly triggerLife: number;
  readonly responses: number;
  /** Milliseconds since 1970, by Slack's clock. */
  now(): number;
  /** Something changed: who waits looks again. */
  changed(): void;
}

export function runningOf(world: World, teamId: string): Running {
  const found = world.running.find((one) => one.workspace.teamId === teamId);
  if (found === undefined) throw new Error(`There is no workspace ${teamId}`);
  return found;
}

/** The workspace of a channel; undefined where there is no such channel. */
export function ownerOf(world: World, channelId: string): Running | undefined {
  return world.running.find((one) => one.names.has(channelId));
}

export function viewsOf(world: World, act: ActState): View[] {
  return act.views.flatMap((id) => world.views.find(id) ?? []);
}
