import type { Context } from '../../commands/port.ts';
import { calledOn } from './slash.ts';
import type { Member, Wire } from './wire.ts';

/** Who did something in which workspace, and by what it can be answered. */
export interface Asked {
  readonly wire: Wire;
  readonly team: string;
  readonly user: string;
  readonly member: Member;
  /** The same where Slack delivers it again. */
  readonly interaction: string;
}

export interface ContextOptions {
  readonly signal: AbortSignal;
  /** The message whose button was pressed, as `messageIn` names it. */
  readonly message?: string | undefined;
  readonly private?: boolean | undefined;
  readonly spoiler?: boolean | undefined;
}

/** A message by one name: it is named within its channel only. */
export function messageIn(
  channel: string | undefined,
  message: string | undefined,
): string | undefined {
  return message === undefined ? undefined : `${channel ?? ''}.${message}`;
}

export const can = { animation: 'gif', called: calledOn } as const;

/** A workspace is a tenant; its admins are the moderators. Slack has no roles that an app may see. */
export function contextOf(asked: Asked, options: ContextOptions): Context {
  const { team, user, member, interaction } = asked;
  const { signal, message, private: isPrivate, spoiler } = options;
  return {
    tenant: `slack:${team}`,
    user,
    roles: [],
    moderator: member.admin,
    admin: member.admin,
    locale: member.locale,
    // Of the alphabet of interactions, and no longer than one may be.
    interaction: interaction.replace(/[^\w.:@+-]/g, '_').slice(0, 100),
    ...(message !== undefined && { message }),
    can,
    signal,
    ...(isPrivate !== undefined && { private: isPrivate }),
    ...(spoiler !== undefined && { spoiler }),
  };
}
