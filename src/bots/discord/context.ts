import {
  ApplicationIntegrationType,
  type AutocompleteInteraction,
  type BaseInteraction,
  PermissionFlagsBits,
} from 'discord.js';
import type { Context } from '../../commands/port.ts';
import { calledOn } from './definitions/index.ts';
import type { AnswerRecord } from './store.ts';

export const can = { animation: 'gif', called: calledOn } as const;

/** What of an interaction a context does not say by itself. */
export interface ContextOptions {
  readonly signal: AbortSignal;
  /** The message whose button was pressed. */
  readonly message?: string | undefined;
  /** What is known of that message. */
  readonly answer?: AnswerRecord | undefined;
  readonly private?: boolean | undefined;
  readonly spoiler?: boolean | undefined;
}

/**
 * Who asks, and where. A guild that has added the bot is a tenant; whoever has added it for themselves
 * alone is one of their own, wherever they are.
 */
export function contextOf(interaction: BaseInteraction, options: ContextOptions): Context {
  const { signal, message, answer, ...wishes } = options;
  const { id, user, locale, memberPermissions } = interaction;
  const guild = guildOf(interaction);
  const alone = guild === undefined;
  // A result that came as a direct message belongs where it was asked for.
  const from = alone && answer?.user === user.id ? answer : undefined;
  // Of what is their own, alone: of others' messages in the same place they are no moderator.
  const may = (permission: bigint) =>
    !from && (alone || memberPermissions?.has(permission) === true);
  return {
    tenant: from?.tenant ?? (alone ? `discord:u${user.id}` : `discord:${guild}`),
    user: user.id,
    roles: from?.roles ?? rolesOf(interaction),
    moderator: may(PermissionFlagsBits.ManageMessages),
    admin: may(PermissionFlagsBits.ManageGuild),
    locale,
    interaction: id,
    ...(message !== undefined && { message }),
    can,
    signal,
    ageRestricted: isAgeRestricted(interaction),
    ...wishes,
  };
}

/** Whether somebody may delete what others posted in a place. */
export function moderates({ memberPermissions }: BaseInteraction): boolean {
  return memberPermissions?.has(PermissionFlagsBits.ManageMessages) === true;
}

/** The guild, where the bot was added to it, and not by the user for themselves only. */
function guildOf(interaction: BaseInteraction): string | undefined {
  const { guildId } = interaction;
  if (guildId === null) return undefined;
  // Autocompletion carries the same fields.
  const owners = (interaction as AutocompleteInteraction).authorizingIntegrationOwners ?? {};
  return owners[ApplicationIntegrationType.GuildInstall] === guildId ? guildId : undefined;
}

function rolesOf({ member }: BaseInteraction): readonly string[] {
  if (!member) return [];
  return Array.isArray(member.roles) ? member.roles : [...member.roles.cache.keys()];
}

/** A direct message is as private as its two sides make it. */
function isAgeRestricted({ channel, guildId }: BaseInteraction): boolean {
  if (guildId === null) return true;
  if (!channel) return false;
  if (channel.isThread()) return channel.parent?.nsfw === true;
  return 'nsfw' in channel && channel.nsfw === true;
}
