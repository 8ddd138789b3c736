import {
  type APIMessage,
  type APIModalInteractionResponseCallbackData,
  DiscordAPIError,
  InteractionResponseType,
  MessageFlags,
  type RawFile,
  type REST,
  Routes,
} from 'discord.js';
import type { Draft } from './messages/draft.ts';

/** What an interaction is answered by. */
export interface Token {
  readonly id: string;
  readonly token: string;
}

/** A draft with its files read, in their order. */
export interface Ready {
  readonly components: Draft['components'];
  readonly files: readonly {
    readonly name: string;
    readonly alt?: string | undefined;
    readonly bytes: Uint8Array;
  }[];
}

/** A message that is there. */
export interface Posted {
  readonly channel: string;
  readonly message: string;
}

/**
 * All that the bot asks of Discord's REST API. It waits for rate limits, and tries again where a request
 * failed on the way or by a fault of Discord's; what is refused is a `DiscordAPIError`.
 */
export interface Wire {
  /** "… is thinking", to be followed by `editOriginal`. */
  defer(interaction: Token, ephemeral: boolean): Promise<void>;
  /** Nothing happens as yet; `editOriginal` changes the message of the button. */
  deferUpdate(interaction: Token): Promise<void>;
  modal(interaction: Token, modal: APIModalInteractionResponseCallbackData): Promise<void>;
  choices(interaction: Token, choices: readonly { name: string; value: string }[]): Promise<void>;
  editOriginal(token: string, message: Ready): Promise<Posted>;
  deleteOriginal(token: string): Promise<void>;
  /** A message to whoever pressed a button, seen by nobody else. */
  whisper(token: string, message: Ready): Promise<void>;
  /** By the bot's own token, for as long as the message is there. */
  edit(place: Posted, message: Ready): Promise<void>;
  delete(place: Posted): Promise<void>;
  /** @param under a message that it answers */
  post(channel: string, message: Ready, under?: string): Promise<Posted>;
  /** @returns the channel of direct messages with a user */
  direct(user: string): Promise<string>;
}

export function createWire(rest: REST, application: string): Wire {
  const callback = (interaction: Token, type: InteractionResponseType, data?: object) =>
    // The token is in the address: the bot's own has no business there.
    rest.post(Routes.interactionCallback(interaction.id, interaction.token), {
      body: { type, ...(data && { data }) },
      auth: false,
    }) as Promise<unknown> as Promise<void>;
  const original = (token: string) => Routes.webhookMessage(application, token, '@original');
  const placeOf = ({ id, channel_id }: APIMessage): Posted => ({
    message: id,
    channel: channel_id,
  });
  return {
    defer: (interaction, ephemeral) =>
      callback(
        interaction,
        InteractionResponseType.DeferredChannelMessageWithSource,
        ephemeral ? { flags: MessageFlags.Ephemeral } : undefined,
      ),
    deferUpdate: (interaction) =>
      callback(interaction, InteractionResponseType.DeferredMessageUpdate),
    modal: (interaction, modal) => callback(interaction, InteractionResponseType.Modal, modal),
    choices: (interaction, choices) =>
      callback(interaction, InteractionResponseType.ApplicationCommandAutocompleteResult, {
        choices,
      }),
    async editOriginal(token, message) {
      return placeOf(
        (await rest.patch(original(token), { ...bodyOf(message), auth: false })) as APIMessage,
      );
    },
    async deleteOriginal(token) {
      await rest.delete(original(token), { auth: false });
    },
    async whisper(token, message) {
      const { body, files } = bodyOf(message);
      const flags = body.flags | MessageFlags.Ephemeral;
      const asked = { body: { ...body, flags }, files, auth: false };
      await rest.post(Routes.webhook(application, token), asked);
    },
    async edit({ channel, message }, ready) {
      await rest.patch(Routes.channelMessage(channel, message), bodyOf(ready));
    },
    async delete({ channel, message }) {
      await rest.delete(Routes.channelMessage(channel, message));
    },
    async post(channel, message, under) {
      const { body, files } = bodyOf(message);
      const reference = under === undefined ? undefined : { message_id: under };
      const answering = reference && {
        message_reference: { ...reference, fail_if_not_exists: false },
      };
      const asked = { body: { ...body, ...answering }, files };
      return placeOf((await rest.post(Routes.channelMessages(channel), asked)) as APIMessage);
    },
    async direct(user) {
      const channel = await rest.post(Routes.userChannels(), { body: { recipient_id: user } });
      return (channel as { id: string }).id;
    },
  };
}

/** Only the files that are sent now stay: earlier previews go. Nobody is ever pinged. */
function bodyOf({ components, files }: Ready) {
  const raw = files.map(
    ({ name, bytes }): RawFile => ({
      name,
      data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    }),
  );
  const body = {
    flags: MessageFlags.IsComponentsV2 as number,
    components,
    attachments: files.map(({ name, alt }, i) => ({
      id: String(i),
      filename: name,
      ...(alt !== undefined && { description: alt.slice(0, 1024) }),
    })),
    allowed_mentions: { parse: [] },
  };
  return { body, ...(raw.length > 0 && { files: raw }) };
}

/** Why Discord refused, where the code is one of these. */
export function refusedFor(error: unknown, reasons: readonly (keyof typeof codes)[]): boolean {
  if (!(error instanceof DiscordAPIError)) return false;
  return reasons.some((reason) =>
    (codes[reason] as readonly number[]).includes(Number(error.code)),
  );
}

/** Discord's error codes, by what they mean here. */
const codes = {
  /** The message was deleted. */
  gone: [10008],
  /** Not answered in time, or answered already, e.g. by another process of the same bot. */
  late: [10062, 40060],
  /** The 15 minutes of an interaction are over. */
  expired: [10015, 50027],
  /** A message of more than an hour is not to be edited any more. */
  old: [30046],
  /** The channel is gone or closed to the bot, or something is forbidden there. */
  closed: [10003, 50001, 50005, 50013, 160002],
  /** The user takes no direct messages. */
  unreachable: [50007, 50278],
  /** The files are larger than the place takes. */
  large: [40005],
} as const;
