import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIMessage,
  type APIModalInteractionResponseCallbackData,
  DiscordAPIError,
  InteractionResponseType,
  MessageFlags,
  RateLimitError,
  type RawFile,
  type REST,
  type RESTPostAPIInteractionCallbackWithResponseResult,
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
 * failed on the way or by a fault of Discord's, without doing anything twice; what is refused is a
 * `DiscordAPIError`.
 */
export interface Wire {
  /**
   * "… is thinking", to be followed by `editOriginal`.
   * @returns the message; undefined where its answer was lost
   */
  defer(interaction: Token, ephemeral: boolean): Promise<string | undefined>;
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

/** Milliseconds before what failed on the way is tried again; the first answer has 3 s in all. */
const waits = { first: [100, 300, 700], later: [300, 1000, 3000] } as const;

/** @param rest without attempts of its own: each is made here */
export function createWire(rest: REST, application: string): Wire {
  const callback = (interaction: Token, type: InteractionResponseType, data?: object) => {
    const path = Routes.interactionCallback(interaction.id, interaction.token);
    const query = new URLSearchParams({ with_response: 'true' });
    // The token is in the address: the bot's own has no business there.
    const asked = { body: { type, ...(data && { data }) }, query, auth: false };
    return insist(() => rest.post(path, asked), waits.first, ['answered']);
  };
  const original = (token: string) => Routes.webhookMessage(application, token, '@original');
  const placeOf = ({ id, channel_id }: APIMessage): Posted => ({
    message: id,
    channel: channel_id,
  });
  return {
    async defer(interaction, ephemeral) {
      const type = InteractionResponseType.DeferredChannelMessageWithSource;
      const data = ephemeral ? { flags: MessageFlags.Ephemeral } : undefined;
      const answer = await callback(interaction, type, data);
      return (answer as RESTPostAPIInteractionCallbackWithResponseResult | undefined)?.interaction
        .response_message_id;
    },
    async deferUpdate(interaction) {
      await callback(interaction, InteractionResponseType.DeferredMessageUpdate);
    },
    async modal(interaction, modal) {
      await callback(interaction, InteractionResponseType.Modal, modal);
    },
    async choices(interaction, choices) {
      const type = InteractionResponseType.ApplicationCommandAutocompleteResult;
      await callback(interaction, type, { choices });
    },
    async editOriginal(token, message) {
      const asked = { ...bodyOf(message), auth: false };
      return placeOf((await insist(() => rest.patch(original(token), asked))) as APIMessage);
    },
    async deleteOriginal(token) {
      const ask = () => rest.delete(original(token), { auth: false });
      await insist(ask, waits.later, ['gone']);
    },
    async whisper(token, message) {
      const { body, files } = bodyOf(message);
      const flags = body.flags | MessageFlags.Ephemeral;
      const asked = { body: { ...body, flags }, ...(files && { files }), auth: false };
      // Once: nothing would tell that the first was seen already.
      await rest.post(Routes.webhook(application, token), asked);
    },
    async edit({ channel, message }, ready) {
      const asked = bodyOf(ready);
      await insist(() => rest.patch(Routes.channelMessage(channel, message), asked));
    },
    async delete({ channel, message }) {
      const ask = () => rest.delete(Routes.channelMessage(channel, message));
      await insist(ask, waits.later, ['gone']);
    },
    async post(channel, message, under) {
      const { body, files } = bodyOf(message);
      const reference = under === undefined ? undefined : { message_id: under };
      const answering = reference && {
        message_reference: { ...reference, fail_if_not_exists: false },
      };
      // By which Discord tells that a message is there already, where its answer was lost.
      const once = { nonce: randomBytes(12).toString('hex'), enforce_nonce: true };
      const asked = { body: { ...body, ...answering, ...once }, ...(files && { files }) };
      const ask = () => rest.post(Routes.channelMessages(channel), asked);
      return placeOf((await insist(ask)) as APIMessage);
    },
    async direct(user) {
      const ask = () => rest.post(Routes.userChannels(), { body: { recipient_id: user } });
      const channel = await insist(ask);
      return (channel as { id: string }).id;
    },
  };
}

/**
 * Asks until there is an answer.
 * @param done refusals that say, from the second time on, that it was done the first time
 */
async function insist(
  ask: () => Promise<unknown>,
  pauses: readonly number[] = waits.later,
  done: readonly (keyof typeof codes)[] = [],
): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt > 0 && refusedFor(error, done)) return undefined;
      const pause = pauses[attempt];
      const isAnswer = error instanceof DiscordAPIError || error instanceof RateLimitError;
      if (isAnswer || pause === undefined) throw error;
      await sleep(pause);
    }
  }
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
  /** There is no such channel (any more), as far as the bot can know. */
  nowhere: [10003],
  /** Not answered in time. */
  late: [10062],
  /** Answered already, e.g. by another process of the same bot. */
  answered: [40060],
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
