import { ApplicationIntegrationType, OAuth2Scopes, PermissionFlagsBits } from 'discord.js';

/**
 * All that the bot needs where it is a member: to post a result that comes too late for a reply, under
 * the message that it belongs to. Replies to commands need none of it.
 */
const neededPermissions = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'AttachFiles',
  'ReadMessageHistory',
] as const satisfies readonly (keyof typeof PermissionFlagsBits)[];

/** Address at which the bot is added to a server. @param guild the one to suggest */
export function serverInvite(applicationId: string, guild?: string): string {
  const permissions = neededPermissions.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);
  return address({
    client_id: applicationId,
    scope: `${OAuth2Scopes.Bot} ${OAuth2Scopes.ApplicationsCommands}`,
    permissions: String(permissions),
    integration_type: String(ApplicationIntegrationType.GuildInstall),
    ...(guild !== undefined && { guild_id: guild }),
  });
}

/** Address at which somebody adds it for themselves, to use it wherever they are. */
export function userInvite(applicationId: string): string {
  return address({
    client_id: applicationId,
    scope: OAuth2Scopes.ApplicationsCommands,
    integration_type: String(ApplicationIntegrationType.UserInstall),
  });
}

function address(parameters: Record<string, string>): string {
  return `https://discord.com/oauth2/authorize?${new URLSearchParams(parameters)}`;
}
