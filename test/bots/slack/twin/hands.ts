import type { Acting } from './acting.ts';
import { word } from './answers.ts';
import {
  type Field,
  fieldsOf,
  filled,
  isEmpty,
  optionsOf,
  untouched,
  withFiles,
} from './fields.ts';
import {
  actionsPayload,
  closedPayload,
  eventPayload,
  shortcutPayload,
  slashPayload,
  submissionPayload,
  suggestionPayload,
} from './payloads.ts';
import type { JsonObject, Member, Message, Place, Slack, SlackFile, View } from './shapes.ts';
import { ownerOf, runningOf, type World } from './world.ts';

type Hands = Pick<
  Slack,
  | 'slash'
  | 'submit'
  | 'dismiss'
  | 'press'
  | 'select'
  | 'suggest'
  | 'messageShortcut'
  | 'globalShortcut'
  | 'openHome'
  | 'event'
>;

/** Where a member does something: throws where there is no such channel in their workspace. */
export function placeOf(world: World, user: Member, place: Place): string {
  const running = runningOf(world, user.teamId);
  if (place.dm === true) return running.dms.get(user.id) ?? '';
  const id = place.channelId ?? running.workspace.channels.general;
  if (ownerOf(world, id) !== running) throw new Error(`There is no channel ${id}`);
  return id;
}

/** What members do: each makes a payload and sends it to the bot. */
export function createHands(world: World, acting: Acting): Hands {
  /** What was put into fields so far, by the message or the view, then the block and the action. */
  const touched = new Map<string, Map<string, JsonObject>>();
  const keyOf = (on: Message | View) => ('id' in on ? on.id : `${on.channel}/${on.ts}`);
  const spot = ({ block, element }: Field) => `${word(block.block_id)} ${word(element.action_id)}`;

  /** A message or a view as it is now. Throws where the member does not see it. */
  function current<On extends Message | View>(user: Member, on: On): On {
    if ('id' in on) {
      const view = on as View;
      const top =
        view.type === 'home' ? world.views.homeOf(user.id) : world.views.openOf(user.id).at(-1);
      if (top?.id !== view.id) throw new Error(`${user.name} does not see the view ${view.id}`);
      return top as On;
    }
    const message = on as Message;
    const now = world.messages.find(message.channel, message.ts);
    if (now === undefined) throw new Error('The message is gone');
    if (now.ephemeralTo !== undefined && now.ephemeralTo !== user.id) {
      throw new Error(`${user.name} does not see this message`);
    }
    return now as On;
  }

  const blocksOf = (on: Message | View): readonly JsonObject[] => on.blocks ?? [];

  function fieldOf(on: Message | View, actionId: string, fits: (element: JsonObject) => boolean) {
    const all = fieldsOf(blocksOf(on)).filter(({ element }) => fits(element));
    const found =
      all.find(({ element }) => element.action_id === actionId) ??
      all.find(({ element }) => word(element.action_id).startsWith(actionId));
    if (found === undefined) throw new Error(`There is no ${actionId}`);
    return found;
  }

  function touch(on: Message | View, field: Field, entry: JsonObject): void {
    const own = touched.get(keyOf(on)) ?? new Map<string, JsonObject>();
    own.set(spot(field), entry);
    touched.set(keyOf(on), own);
  }

  /** `state.values` of everything that has a state. */
  function valuesOf(on: Message | View): JsonObject {
    const own = touched.get(keyOf(on));
    const values: Record<string, JsonObject> = {};
    for (const field of fieldsOf(blocksOf(on))) {
      const entry = own?.get(spot(field)) ?? untouched(field.element);
      if (entry === undefined) continue;
      const block = word(field.block.block_id);
      values[block] = { ...values[block], [word(field.element.action_id)]: entry };
    }
    return values;
  }

  function interact(user: Member, on: Message | View, { block, element }: Field, more: JsonObject) {
    const action = {
      type: element.type,
      action_id: element.action_id,
      block_id: block.block_id,
      ...more,
    };
    return acting.act({
      user,
      kind: 'interactive',
      on,
      ...('id' in on ? {} : { answers: 'actions' as const }),
      payload: ({ trigger, url }) =>
        actionsPayload(world, user, on, action, valuesOf(on), {
          trigger,
          url: 'id' in on ? undefined : url,
        }),
    });
  }

  /** A file that is there already, or one that is uploaded now. */
  const held = (user: Member, file: Parameters<Slack['upload']>[1] | SlackFile): SlackFile =>
    'bytes' in file && file.bytes instanceof Uint8Array
      ? world.files.add(user, {
          name: String(file.name),
          bytes: file.bytes,
          ...('mimetype' in file && file.mimetype !== undefined ? { mimetype: file.mimetype } : {}),
        })
      : (file as SlackFile);

  return {
    slash(user, command, text = '', place = {}) {
      const channelId = placeOf(world, user, place);
      return acting.act({
        user,
        kind: 'slash_commands',
        channelId,
        answers: 'commands',
        payload: (ids) => slashPayload(world, user, channelId, command, text, ids),
      });
    },
    submit(user, given, values = {}, files = {}) {
      const view = current(user, given);
      const fields = fieldsOf(view.blocks);
      const names = ({ block, element }: Field) => [word(block.block_id), word(element.action_id)];
      for (const name of [...Object.keys(values), ...Object.keys(files)]) {
        if (!fields.some((field) => names(field).includes(name)))
          throw new Error(`There is no ${name}`);
      }
      for (const field of fields) {
        const { element } = field;
        const name = names(field).find((one) => Object.hasOwn(values, one));
        const filesName = names(field).find((one) => Object.hasOwn(files, one));
        if (filesName !== undefined) {
          const all = (files[filesName] ?? []).map((file) => held(user, file));
          touch(view, field, withFiles(element, all));
        } else if (name !== undefined) {
          const { action_id: id, type } = element;
          const external = type === 'external_select' || type === 'multi_external_select';
          const offered = external ? acting.offered(user, word(id)) : undefined;
          touch(view, field, filled(element, values[name] ?? null, offered ?? optionsOf(element)));
        }
      }
      for (const field of fields) {
        const { element } = field;
        const entry = touched.get(keyOf(view))?.get(spot(field)) ?? untouched(element);
        if (field.required && entry !== undefined && isEmpty(entry)) {
          throw new Error(`${word(element.action_id)} is required`);
        }
      }
      if (view.submit === undefined || view.submit === null)
        throw new Error('Nothing to submit with');
      return acting.act({
        user,
        kind: 'interactive',
        on: view,
        payload: ({ trigger }) => submissionPayload(world, user, view, valuesOf(view), trigger, []),
      });
    },
    dismiss(user, given) {
      const view = current(user, given);
      const payload = () =>
        closedPayload(world, user, { ...view, state: { values: valuesOf(view) } });
      world.views.pop(user.id);
      if (view.notify_on_close !== true) return undefined;
      return acting.act({ user, kind: 'interactive', on: view, triggers: false, payload });
    },
    press(user, given, actionId, value) {
      const on = current(user, given);
      const field = fieldOf(
        on,
        actionId,
        (one) => one.type === 'button' && (value === undefined || one.value === value),
      );
      const { text, style, value: own } = field.element;
      return interact(user, on, field, {
        text,
        ...(own === undefined ? {} : { value: own }),
        ...(style === undefined ? {} : { style }),
      });
    },
    select(user, given, actionId, option) {
      const on = current(user, given);
      const field = fieldOf(on, actionId, (one) => one.type !== 'button');
      const offered = acting.offered(user, word(field.element.action_id));
      const external = word(field.element.type).includes('external_select');
      const entry = filled(
        field.element,
        option,
        external ? (offered ?? []) : optionsOf(field.element),
      );
      if (field.element.type !== 'overflow') touch(on, field, entry);
      return interact(user, on, field, entry);
    },
    suggest(user, given, actionId, text) {
      const on = current(user, given);
      const field = fieldOf(on, actionId, (one) => word(one.type).includes('external_select'));
      const least = Number(field.element.min_query_length ?? 3);
      if (text.length < least) throw new Error(`${actionId}: asks from ${least} characters on`);
      const action = {
        action_id: field.element.action_id,
        block_id: field.block.block_id,
        value: text,
      };
      return acting.act({
        user,
        kind: 'interactive',
        on,
        triggers: false,
        payload: () => suggestionPayload(world, user, on, action, valuesOf(on)),
      });
    },
    messageShortcut(user, callbackId, given) {
      const message = current(user, given);
      if (message.ephemeralTo !== undefined) throw new Error('Such a message has no shortcuts');
      return acting.act({
        user,
        kind: 'interactive',
        on: message,
        answers: 'app',
        payload: (ids) => shortcutPayload(world, user, callbackId, ids, message),
      });
    },
    globalShortcut: (user, callbackId) =>
      acting.act({
        user,
        kind: 'interactive',
        payload: ({ trigger }) =>
          shortcutPayload(world, user, callbackId, { trigger, url: undefined }, undefined),
      }),
    openHome(user, tab = 'home') {
      const view = tab === 'home' ? world.views.homeOf(user.id) : undefined;
      const channel = runningOf(world, user.teamId).dms.get(user.id);
      const event = { type: 'app_home_opened', user: user.id, channel, tab };
      const whole = view === undefined ? event : { ...event, view };
      return acting.act({
        user,
        kind: 'events_api',
        triggers: false,
        payload: () => eventPayload(world, user, whole),
      });
    },
    event: (user, event) =>
      acting.act({
        user,
        kind: 'events_api',
        triggers: false,
        payload: () => eventPayload(world, user, event),
      }),
  };
}
