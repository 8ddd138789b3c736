import { object } from './answers.ts';
import type { Running } from './emulator.ts';
import type { JsonObject } from './shapes.ts';
import type { Token, World } from './world.ts';

/** What a method asks of a token; the emulator has most of it too, but not what changes later. */
export const SCOPES: Readonly<Record<string, string>> = {
  'chat.postMessage': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'conversations.open': 'im:write',
  'files.info': 'files:read',
  'files.list': 'files:read',
  'files.delete': 'files:write',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'users.info': 'users:read',
  'users.list': 'users:read',
};

/** The channel that is meant: to `chat.postMessage`, a member's id means the DM with them. */
export function channelOf(running: Running, given: unknown): string {
  const id = typeof given === 'string' ? given : '';
  return running.dms.get(id) ?? id;
}

/** Whose DM it is; undefined where it is none. */
export function partner(running: Running, channelId: string): string | undefined {
  for (const [user, channel] of running.dms) if (channel === channelId) return user;
  return undefined;
}

/** Why the bot cannot write there, in Slack's word; undefined where it can. */
export function barred(world: World, token: Token, channelId: string): string | undefined {
  const { running, scopes } = token;
  if (!running.names.has(channelId)) return 'channel_not_found';
  const user = partner(running, channelId);
  if (user !== undefined) return world.closed.has(user) ? 'messages_tab_disabled' : undefined;
  if (world.archived.has(channelId)) return 'is_archived';
  if (world.joined.has(channelId)) return undefined;
  if (channelId === running.workspace.channels.hidden) return 'channel_not_found';
  return scopes.has('chat:write.public') ? undefined : 'not_in_channel';
}

/** What Slack says of blocks that show a file which it cannot show (yet); empty where all is well. */
export function unshowable(world: World, running: Running, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => unshowable(world, running, one, `${path}/${index}`));
  }
  if (value === null || typeof value !== 'object') return [];
  const own = value as JsonObject;
  return Object.entries(own).flatMap(([key, inner]) => {
    if (key !== 'slack_file') return unshowable(world, running, inner, `${path}/${key}`);
    const { id, url } = object(inner);
    const held =
      typeof id === 'string'
        ? world.files.held.get(id)
        : typeof url === 'string'
          ? world.files.at(new URL(url).pathname)
          : undefined;
    const type = held?.file.mimetype ?? '';
    const shown =
      held !== undefined &&
      held.teamId === running.workspace.teamId &&
      held.pending <= 0 &&
      /^image\/(png|jpe?g|gif)$/.test(type);
    return shown ? [] : [`[ERROR] invalid slack file [json-pointer:/blocks${path}/slack_file]`];
  });
}
