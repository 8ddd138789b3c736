export type JsonObject = Record<string, unknown>;

/** A member of a workspace. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly teamId: string;
  /** Of the workspace: what `users.info` says. */
  readonly admin: boolean;
  /** What `users.info` says when it is asked for: `en-US`, `de-DE`. */
  readonly locale: string;
}

/** A workspace in which the app is installed. */
export interface Workspace {
  readonly teamId: string;
  readonly domain: string;
  readonly botToken: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly users: { readonly alice: Member; readonly bob: Member; readonly admin: Member };
  readonly channels: {
    /** The bot is in it. */
    readonly general: string;
    /** The bot is in it too. */
    readonly other: string;
    /** Public; the bot is not in it: `not_in_channel`. */
    readonly uninvited: string;
    /** Private; the bot is in it. */
    readonly hidden: string;
    /** The bot is in it; `is_archived`. */
    readonly archived: string;
  };
}

export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: told from the name's extension. */
  readonly mimetype?: string;
  /** Whose file it is, where it comes from another company's workspace: only `files.info` tells. */
  readonly connect?: boolean;
}

/** A file as Slack describes it; with `file_access: 'check_file_info'` it has an id alone. */
export interface SlackFile {
  readonly id: string;
  readonly name?: string;
  /** Absent until Slack has looked at the file. */
  readonly mimetype?: string;
  readonly filetype?: string;
  readonly size?: number;
  readonly user?: string;
  readonly url_private?: string;
  readonly url_private_download?: string;
  readonly file_access?: string;
  readonly [key: string]: unknown;
}

export interface Message {
  readonly type: 'message';
  /** `file_share` for messages with files. */
  readonly subtype?: string;
  readonly ts: string;
  /** Where it is. */
  readonly channel: string;
  readonly team: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly metadata?: JsonObject;
  readonly files?: readonly SlackFile[];
  readonly thread_ts?: string;
  readonly edited?: JsonObject;
  /** Who alone sees it; undefined for messages that all see. */
  readonly ephemeralTo?: string;
}

/** A modal, or an App Home. */
export interface View {
  readonly id: string;
  readonly team_id: string;
  readonly type: 'modal' | 'home';
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly external_id: string;
  readonly hash: string;
  readonly root_view_id: string;
  readonly previous_view_id: string | null;
  readonly title?: JsonObject | null;
  readonly submit?: JsonObject | null;
  readonly close?: JsonObject | null;
  readonly blocks: readonly JsonObject[];
  readonly [key: string]: unknown;
}

/** A request of the bot, in the order in which they came. */
export interface RecordedRequest {
  /** `chat.postMessage`; `response_url`, `upload` and `download` for what is no method. */
  readonly method: string;
  /** Of forms too; `blocks`, `view`, `files`, `metadata` and `attachments` are parsed. */
  readonly body: JsonObject;
  /** Of the workspace of the token; undefined where it is none of ours. */
  readonly teamId: string | undefined;
  /** Milliseconds since 1970, of the real clock. */
  readonly at: number;
  /** 0 until it is answered. */
  readonly status: number;
  /** What the answer says; undefined until it is answered. */
  readonly ok?: boolean;
  /** Slack's word, where the answer was an error. */
  readonly error?: string;
  /** What was answered, where it was JSON. */
  readonly response?: JsonObject;
}

/** What the proxy answers in Slack's stead. */
export interface Failure {
  /** As in `RecordedRequest`. */
  readonly method: string | RegExp;
  /** Slack's word, such as `not_in_channel`; `ratelimited` is a 429. */
  readonly error?: string;
  /** Default 200, 429 for `ratelimited`. */
  readonly status?: number;
  /** How many requests fail; default 1. */
  readonly times?: number;
  /** Seconds, whole, of a 429; default 1. */
  readonly retryAfter?: number;
  /** The connection is dropped with no answer. */
  readonly drop?: boolean;
  /** Whether the request takes effect before it fails: an answer that got lost. */
  readonly afterwards?: boolean;
  /** Only requests for which this holds. */
  readonly when?: (body: JsonObject) => boolean;
  /** More fields of the answer, such as `needed` of `missing_scope`. */
  readonly more?: JsonObject;
}

/** What the bot answered an event or an interaction with. */
export interface Ack {
  /** Of HTTP; 200 over a socket. */
  readonly status: number;
  /** Parsed where it was JSON, else the text; undefined where it was empty. */
  readonly body: unknown;
  /** Milliseconds after it was sent. */
  readonly after: number;
}

/** What follows from one thing that a member did. */
export interface Act {
  /** Undefined for events and for options of a select. */
  readonly triggerId: string | undefined;
  /** Undefined where Slack gives none: views, global shortcuts, events. */
  readonly responseUrl: string | undefined;
  /** What was sent, to send it again: `slack.again(act)`. */
  readonly payload: JsonObject;
  /** Rejects after `within` milliseconds (default 10000). */
  acked(within?: number): Promise<Ack>;
  /** The first view which its trigger opened or pushed, or its answer pushed. */
  view(within?: number): Promise<View>;
  /** What came over its response URL, oldest first, as it is now. */
  replies(): Message[];
  /** Waits for the nth of them (default 0). */
  reply(index?: number, within?: number): Promise<Message>;
}

/** Where a member does it. */
export interface Place {
  /** Default: `channels.general` of the member's workspace. */
  readonly channelId?: string;
  /** In the DM with the bot. */
  readonly dm?: boolean;
}

/** What is in a field: text, the value of an option or several, the id of a channel. */
export type Value = string | number | readonly string[] | null;

export interface Slack {
  /** For `clientOptions.slackApiUrl`: `http://127.0.0.1:PORT/api/`. */
  readonly slackApiUrl: string;
  /** Where the files are: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** For `installerOptions.authorizationUrl`. */
  readonly authorizationUrl: string;
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  /** `xapp-…`, for Socket Mode. */
  readonly appToken: string;
  /** The workspace that most tests need. */
  readonly home: Workspace;
  /** Another one, for tenants. */
  readonly away: Workspace;
  /** Those of `home`. */
  readonly users: Workspace['users'];
  readonly channels: Workspace['channels'];
  /** More members of `home`, as many as `openSlack` was asked for. */
  readonly crowd: readonly Member[];
  readonly botToken: string;

  /** Every request of the bot so far. */
  readonly requests: readonly RecordedRequest[];
  /** Those of one method. */
  calls(method: string): RecordedRequest[];
  /** What is wrong with any of them or with any ack, empty where nothing is. */
  violations(): string[];
  /** How many messages came to a channel within a second of the one before. */
  crowded(): number;

  /** From now on what members do is posted here, signed: `http://127.0.0.1:PORT/slack/events`. */
  useHttp(eventsUrl: string): void;
  /** From now on it goes through a socket; resolves when one is connected. */
  useSocket(within?: number): Promise<void>;
  /** How many sockets are connected. */
  sockets(): number;
  /** Says `disconnect` as Slack does before it closes a socket; the client has to come back. */
  askToReconnect(reason?: 'warning' | 'refresh_requested'): void;
  /** Drops every socket without a word. */
  dropSockets(): void;

  /** Sends a slash command; `text` is what is behind it. */
  slash(user: Member, command: string, text?: string, place?: Place): Act;
  /**
   * Sends a modal. Fields are named by their block's id or their action's; what is left out has its
   * initial value. Throws where Slack's client would not let it be sent.
   */
  submit(
    user: Member,
    view: View,
    values?: Readonly<Record<string, Value>>,
    files?: Readonly<Record<string, readonly (Upload | SlackFile)[]>>,
  ): Act;
  /** Closes a modal: `view_closed`, where the view asks for it. */
  dismiss(user: Member, view: View): Act | undefined;
  /** Presses a button, by its `action_id` (or the start of it and the `value`). Throws where there is none. */
  press(user: Member, on: Message | View, actionId: string, value?: string): Act;
  /** Picks an option, of a select, a radio group or an overflow menu. Throws where it is not offered. */
  select(user: Member, on: Message | View, actionId: string, option: Value): Act;
  /** Asks for options of an `external_select`; `acked()` has `body.options`. */
  suggest(user: Member, on: Message | View, actionId: string, text: string): Act;
  /** ⋮ → More message shortcuts. */
  messageShortcut(user: Member, callbackId: string, message: Message): Act;
  globalShortcut(user: Member, callbackId: string): Act;
  /** Opens the App Home, or its Messages tab. */
  openHome(user: Member, tab?: 'home' | 'messages'): Act;
  /** Any other event of the Events API, of the member's workspace. */
  event(user: Member, event: JsonObject): Act;
  /** Sends the same once more, as Slack does where it got no answer: `x-slack-retry-num`. */
  again(act: Act, retry?: { readonly num: number; readonly reason?: string }): Act;
  /** Posts raw bytes with whatever signature and time (seconds); HTTP only. */
  raw(
    body: string,
    options?: {
      readonly signature?: string;
      readonly timestamp?: number;
      readonly contentType?: string;
    },
  ): Promise<Ack>;

  /** A member posts a message. */
  post(
    user: Member,
    text: string,
    files?: readonly Upload[],
    place?: Place & { readonly threadTs?: string },
  ): Promise<Message>;
  /** A member uploads a file that is nowhere shared. */
  upload(user: Member, upload: Upload): SlackFile;
  /** A member deletes a message: the bot's, where an admin does it. */
  deleteMessage(message: Message): Promise<void>;
  /** The message as it is now; undefined where it was deleted. */
  message(channel: string, ts: string): Message | undefined;
  /** What is in a channel, oldest first, threads too, without ephemeral messages. */
  messages(channelId?: string): Message[];
  /** Of a thread, its first message left out. */
  thread(message: Message): Message[];
  /** What only this member sees, oldest first. */
  ephemerals(user: Member): Message[];
  /** The DM between the bot and a member. */
  dms(user: Member): Message[];
  dmChannel(user: Member): string;
  homeOf(user: Member): View | undefined;
  /** The open modals of a member, the topmost last. */
  openViews(user: Member): View[];
  /** A file by its id, with its bytes; undefined where it was deleted. */
  file(id: string): (SlackFile & { readonly bytes: Uint8Array }) | undefined;
  /** Its owner deletes it; it is gone from the messages that showed it. */
  deleteFile(id: string): Promise<void>;
  /** Waits until there is something. Rejects after `within` milliseconds (default 20000). */
  until<T>(look: () => T | undefined | false, what?: string, within?: number): Promise<T>;

  /** The proxy answers some of the next requests with an error. */
  fail(failure: Failure): void;
  /** Files that the bot uploads from now on are not processed for this many `files.info`. */
  processing(polls: number): void;
  /** Takes scopes away from the bot's token (or gives them back): `missing_scope`. */
  setScopes(workspace: Workspace, scopes: readonly string[]): void;
  /** The bot is in the channel, or is not. */
  setMember(channelId: string, member: boolean): Promise<void>;
  archive(channelId: string): Promise<void>;
  /** Nothing can be written to this member. */
  refuseDms(user: Member): void;
  /** Slack's clock runs ahead by this many milliseconds more: triggers and response URLs age. */
  advance(milliseconds: number): void;
  /** `tokens_revoked`: nothing works with the bot's tokens of the member's workspace any more. */
  revokeTokens(user: Member): Act;
  /** `app_uninstalled`, and the tokens too. */
  uninstall(user: Member): Act;
  /**
   * Goes through OAuth: the app's install page, the member's consent, the redirect. `token` is the
   * new one, undefined where the app got none.
   */
  install(
    user: Member,
    installUrl: string,
  ): Promise<{
    readonly status: number;
    readonly body: string;
    readonly token: string | undefined;
  }>;
  close(): Promise<void>;
}

export interface SlackOptions {
  /** How many more members `home` has; default none. */
  readonly crowd?: number;
  /** Scopes of the bot's tokens; default: what the bot of this project asks for. */
  readonly scopes?: readonly string[];
  /** Whether who asks too often gets a 429, by Slack's tiers; default not. */
  readonly limited?: boolean;
  /** How long a trigger can be used, in milliseconds; default 3000, as Slack's. */
  readonly triggerLife?: number;
  /** Of the members of `home`; default `en-US`. */
  readonly locales?: Readonly<Partial<Record<'alice' | 'bob' | 'admin', string>>>;
  /** How many times a response URL can be used; default 5. */
  readonly responses?: number;
}
