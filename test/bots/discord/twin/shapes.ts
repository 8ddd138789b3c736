import type { APIAttachment, APIMessage } from 'discord.js';

/** A member of the guild, or whoever installed the app for themselves. */
export interface Person {
  readonly id: string;
  readonly username: string;
  /** Of the guild; the owner and administrators have all. */
  readonly permissions: bigint;
  readonly roles: readonly string[];
}

export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: told from the name's extension, as Discord does. */
  readonly contentType?: string;
  /** Pixels; default 64 for pictures. */
  readonly width?: number;
  readonly height?: number;
}

export type JsonObject = Record<string, unknown>;

/** A request of the bot, in the order in which they came. */
export interface RecordedRequest {
  readonly method: string;
  /** Without `/api/v10` and without the query: `/channels/1/messages`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON: of the body, or its `payload_json`; undefined where there was none. */
  readonly body: unknown;
  /** `key` is the form's field, `files[0]`. */
  readonly files: readonly { readonly key: string; readonly name: string; readonly size: number }[];
  /** Milliseconds since 1970, of the real clock. */
  readonly at: number;
  /** What was answered; 0 until then. */
  readonly status: number;
  /** Discord's own code, where the answer was an error. */
  readonly code?: number;
  /** The message that the request edits, as it was before. */
  readonly before?: APIMessage;
}

/** What the proxy answers in Discord's stead. */
export interface Failure {
  readonly method?: string;
  /** Matches the path without `/api/v10`. */
  readonly path: RegExp;
  readonly status: number;
  /** Discord's own code, such as 10062. */
  readonly code?: number;
  readonly message?: string;
  /** How many requests fail; default 1. */
  readonly times?: number;
  /** Seconds, of a 429; default 0.1. */
  readonly retryAfter?: number;
  /** The connection is dropped with no answer. */
  readonly drop?: boolean;
  /** Whether the request takes effect before it fails: an answer that got lost. */
  readonly afterwards?: boolean;
}

/** What the bot answered an interaction with. */
export interface Callback {
  /** 4 message, 5 deferred, 6 deferred update, 7 update, 8 autocomplete, 9 modal. */
  readonly type: number;
  /** A modal, a message, or choices. */
  readonly data: JsonObject;
  /** Milliseconds after the interaction was sent. */
  readonly after: number;
}

/** What follows from one thing that a member did. */
export interface Act {
  readonly id: string;
  readonly token: string;
  /** The bot's first answer. Rejects after `within` milliseconds (default 10000). */
  answered(within?: number): Promise<Callback>;
  /** The message that `@original` is now: the reply, or the message of the button; undefined where there is none. */
  reply(): APIMessage | undefined;
  /** Every message that came of it, the reply first, then follow-ups; deleted ones are left out. */
  replies(): APIMessage[];
  /** Waits until the reply is as asked, and gives it. Rejects after `within` milliseconds (default 20000). */
  until(predicate: (message: APIMessage) => boolean, within?: number): Promise<APIMessage>;
  /** Waits for the nth follow-up (default the first, 0) and gives it. */
  followUp(index?: number, within?: number): Promise<APIMessage>;
}

/** Where a member does it. */
export interface Place {
  /** Default: `discord.channelId`. */
  readonly channelId?: string;
  /** In the DM with the bot. */
  readonly dm?: boolean;
  /** In a guild that the bot is no member of: the app is installed for the user alone. */
  readonly userInstalled?: boolean;
  /** Default `en-US`. */
  readonly locale?: string;
  /** Default `en-US`. */
  readonly guildLocale?: string;
  /** Bytes; default 10 MiB. */
  readonly attachmentSizeLimit?: number;
}

export interface SlashPlace extends Place {
  /** By the option's name; they become attachments with an address on the proxy. */
  readonly attachments?: Readonly<Record<string, Upload>>;
  readonly subcommand?: string;
  readonly group?: string;
}

/** Options of chat commands, but for attachments. */
export type Options = Readonly<Record<string, string | number | boolean>>;

export interface Discord {
  /** For `rest.api` of the client: `http://127.0.0.1:PORT/api`. */
  readonly restUrl: string;
  readonly token: string;
  readonly applicationId: string;
  readonly guildId: string;
  /** A text channel of the guild. */
  readonly channelId: string;
  /** Another one. */
  readonly otherChannelId: string;
  /** One that is age-restricted. */
  readonly adultChannelId: string;
  readonly users: {
    /** Members with no special permission. */
    readonly alice: Person;
    readonly bob: Person;
    /** Has ManageMessages and the role `roles.moderators`. */
    readonly moderator: Person;
    /** Has ManageGuild and the role `roles.admins`. */
    readonly admin: Person;
  };
  readonly roles: { readonly moderators: string; readonly admins: string };
  /** Every request of the bot so far. */
  readonly requests: readonly RecordedRequest[];
  /** What is wrong with any of them, empty where nothing is. */
  violations(): string[];

  /** Registers commands as the bot's owner would: for the guild, or globally with `null`. */
  register(commands: readonly object[], guildId?: string | null): Promise<void>;
  /** The registered commands, as Discord has them. */
  commands(guildId?: string | null): JsonObject[];

  /** Runs a chat command. Throws where Discord would not let the member send it. */
  slash(user: Person, name: string, options?: Options, place?: SlashPlace): Act;
  /** Types into an option; `answered()` has `data.choices`. */
  autocomplete(
    user: Person,
    name: string,
    focused: { readonly option: string; readonly value: string },
    options?: Options,
    place?: SlashPlace,
  ): Act;
  /** Throws where the message has no such button, or it is disabled. */
  press(user: Person, message: APIMessage, customId: string, place?: Place): Act;
  /** Throws where the select does not offer the values. */
  select(
    user: Person,
    message: APIMessage,
    customId: string,
    values: readonly string[],
    place?: Place,
  ): Act;
  /** Sends the modal which the bot opened last with this id. Throws where a required field is missing. */
  submit(
    user: Person,
    customId: string,
    fields?: Readonly<Record<string, string | boolean | readonly string[]>>,
    files?: Readonly<Record<string, readonly Upload[]>>,
    place?: Place,
  ): Act;
  /** Apps → the command, on a message. */
  messageCommand(user: Person, name: string, message: APIMessage, place?: Place): Act;

  /** An interaction as it is, even one that no member could send: nothing is checked. */
  send(
    user: Person,
    what: {
      readonly type: 2 | 3 | 5;
      readonly data: JsonObject;
      readonly message?: APIMessage | undefined;
    },
    place?: Place,
  ): Act;
  /** A file that a member sends with an interaction: where it lies. */
  upload(file: Upload): APIAttachment;
  /** Somebody joins the guild. */
  join(username: string, permissions?: bigint, roles?: readonly string[]): Person;

  /** A member posts a message. */
  post(user: Person, content: string, files?: readonly Upload[], channelId?: string): APIMessage;
  /** A moderator deletes it. */
  deleteMessage(message: APIMessage): void;
  /** The message as it is now; undefined where it was deleted. */
  message(id: string): APIMessage | undefined;
  /** What is in a channel, oldest first, without ephemeral messages. */
  messages(channelId?: string): APIMessage[];
  /** What the bot wrote to a member. */
  dms(user: Person): APIMessage[];
  /** The bot cannot write to them from now on: 50007. */
  refuseDms(user: Person): void;
  /** Bytes of an attachment, by its address. */
  file(url: string): Uint8Array | undefined;
  attachment(url: string): APIAttachment | undefined;

  /** The proxy answers some of the next requests with an error. */
  fail(failure: Failure): void;
  /** The token of an interaction is too old from now on: 50027. */
  expire(token: string): void;
  /** Discord's clock runs ahead by this many milliseconds more. */
  advance(milliseconds: number): void;
  /** Whether the bot is connected to the gateway. */
  connected(): boolean;
  /**
   * Drops the gateway's connection; the client has to come back.
   * @param code closes it with this code instead, such as 4014
   */
  disconnect(code?: number): void;
  close(): Promise<void>;
}

export interface DiscordOptions {
  /** How long the first answer may take, in milliseconds; default 3000, as Discord's. */
  readonly answerWithin?: number;
  /** How long a token lives, in milliseconds; default 15 minutes, as Discord's. */
  readonly tokenLife?: number;
}
