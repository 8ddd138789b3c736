import { slackId, timestamp } from './ids.ts';
import { outside } from './message-methods.ts';
import type { JsonObject, Member, Message, View } from './shapes.ts';
import { ownerOf, runningOf, type World } from './world.ts';

/** What every interaction says of where it comes from. */
function common(world: World, user: Member): JsonObject {
  const { workspace } = runningOf(world, user.teamId);
  return {
    token: world.verificationToken,
    team: { id: workspace.teamId, domain: workspace.domain },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: world.app.appId,
  };
}

const nameOf = (world: World, channelId: string): string =>
  ownerOf(world, channelId)?.names.get(channelId) ?? 'privategroup';

const channel = (world: World, id: string) => ({ id, name: nameOf(world, id) });

export const slashPayload = (
  world: World,
  user: Member,
  channelId: string,
  command: string,
  text: string,
  ids: { readonly trigger: string; readonly url: string },
): JsonObject => {
  const { workspace } = runningOf(world, user.teamId);
  const hidden = channelId === workspace.channels.hidden;
  return {
    token: world.verificationToken,
    team_id: workspace.teamId,
    team_domain: workspace.domain,
    channel_id: channelId,
    channel_name: hidden ? 'privategroup' : nameOf(world, channelId),
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.app.appId,
    is_enterprise_install: 'false',
    response_url: ids.url,
    trigger_id: ids.trigger,
  };
};

/** Where a press came from: Slack leaves the message out where only one member sees it. */
export function origin(world: World, on: Message | View): JsonObject {
  if ('id' in on) return { container: { type: 'view', view_id: on.id } };
  const lonely = on.ephemeralTo !== undefined;
  return {
    container: {
      type: 'message',
      message_ts: on.ts,
      channel_id: on.channel,
      is_ephemeral: lonely,
      ...(on.thread_ts === undefined ? {} : { thread_ts: on.thread_ts }),
    },
    channel: channel(world, on.channel),
    ...(lonely ? {} : { message: outside(on) }),
  };
}

export const actionsPayload = (
  world: World,
  user: Member,
  on: Message | View,
  action: JsonObject,
  values: JsonObject,
  ids: { readonly trigger: string; readonly url: string | undefined },
): JsonObject => ({
  type: 'block_actions',
  ...common(world, user),
  ...origin(world, on),
  trigger_id: ids.trigger,
  ...('id' in on ? { view: { ...on, state: { values } } } : { state: { values } }),
  ...(ids.url === undefined ? {} : { response_url: ids.url }),
  actions: [{ ...action, action_ts: timestamp() }],
});

export const suggestionPayload = (
  world: World,
  user: Member,
  on: Message | View,
  action: JsonObject,
  values: JsonObject,
): JsonObject => ({
  type: 'block_suggestion',
  ...common(world, user),
  ...origin(world, on),
  ...('id' in on ? { view: { ...on, state: { values } } } : {}),
  ...action,
});

export const submissionPayload = (
  world: World,
  user: Member,
  view: View,
  values: JsonObject,
  trigger: string,
  urls: readonly JsonObject[],
): JsonObject => ({
  type: 'view_submission',
  ...common(world, user),
  trigger_id: trigger,
  view: { ...view, state: { values } },
  response_urls: urls,
});

export const closedPayload = (world: World, user: Member, view: View): JsonObject => ({
  type: 'view_closed',
  ...common(world, user),
  view,
  is_cleared: false,
});

export function shortcutPayload(
  world: World,
  user: Member,
  callbackId: string,
  ids: { readonly trigger: string; readonly url: string | undefined },
  message: Message | undefined,
): JsonObject {
  const { api_app_id: _app, ...rest } = common(world, user);
  const both = {
    ...rest,
    action_ts: timestamp(),
    callback_id: callbackId,
    trigger_id: ids.trigger,
  };
  if (message === undefined) return { type: 'shortcut', ...both };
  return {
    type: 'message_action',
    ...both,
    channel: channel(world, message.channel),
    response_url: ids.url,
    message_ts: message.ts,
    message: outside(message),
  };
}

export function eventPayload(world: World, user: Member, event: JsonObject): JsonObject {
  const { workspace } = runningOf(world, user.teamId);
  const { teamId, botUserId } = workspace;
  return {
    token: world.verificationToken,
    team_id: teamId,
    context_team_id: teamId,
    context_enterprise_id: null,
    api_app_id: world.app.appId,
    event: { event_ts: timestamp(), ...event },
    type: 'event_callback',
    event_id: slackId('Ev'),
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${slackId('')}`,
  };
}
