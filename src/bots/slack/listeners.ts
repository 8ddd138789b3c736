import type { App, RespondFn, SlackActionMiddlewareArgs, types, webApi } from '@slack/bolt';
import type { Log } from '../../commands/port.ts';
import type { Place } from './answer.ts';
import { answer } from './answer.ts';
import type { Asked } from './context.ts';
import { contextOf } from './context.ts';
import type { Desk } from './desk.ts';
import { homeIds } from './home.ts';
import { showHome } from './home-tab.ts';
import { pressedIn, pressIds } from './messages/index.ts';
import { readMetadata } from './metadata.ts';
import { addPairId, analogyModal, options } from './modals/index.ts';
import { press } from './presses.ts';
import { applyThis, newAnalogy, useThese } from './shortcuts.ts';
import { settings, slash } from './slash.ts';
import { submit } from './submissions.ts';
import { type Respond, whisper } from './whisper.ts';
import { createWire, refusedFor } from './wire.ts';

/** What of an interaction all have in common. */
interface Body {
  readonly user: { readonly id: string };
  readonly trigger_id?: string | undefined;
}

export interface ListenOptions {
  readonly desk: Desk;
  /** Told of work that goes on after Slack has been answered. */
  readonly track: (work: Promise<unknown>) => void;
  /** The app is gone from a workspace. */
  readonly removed: (team: string) => void;
  readonly log: Log;
}

/** Interactions that are remembered: Slack delivers one again within some minutes. */
const mostSeen = 10_000;

/** What members do, to what is done about it. Each is acknowledged at once. */
export function listen(app: App, { desk, track, removed, log }: ListenOptions): void {
  const seen = new Set<string>();
  /** Whether it is the first time: Slack delivers again what it thinks was not heard. */
  const isFirst = (id: string) => {
    if (seen.has(id)) return false;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= mostSeen) break;
      seen.delete(oldest);
    }
    return true;
  };
  const askedBy = async (
    client: webApi.WebClient,
    context: { readonly teamId?: string | undefined; readonly enterpriseId?: string | undefined },
    user: string,
    interaction: string,
  ): Promise<Asked> => {
    const wire = createWire(client);
    const team = context.teamId ?? context.enterpriseId ?? '';
    return { wire, team, user, interaction, member: await desk.members.of(wire, team, user) };
  };
  /** What fails is logged, and said to whoever asked. */
  const guarded = (asked: Asked, place: Place, what: () => Promise<unknown>) =>
    what().catch(async (error: unknown) => {
      // The dialog was closed, or its time was over.
      if (refusedFor(error, ['stale'])) return;
      const problem = desk.commands.problem(error, asked.member.locale);
      await whisper(desk, asked, problem, place).catch((err: unknown) =>
        log({ err }, 'a problem could not be said on Slack'),
      );
    });

  app.command(/.*/, async ({ command, ack, respond, client, context }) => {
    await ack();
    const { user_id, channel_id, trigger_id, text } = command;
    if (!isFirst(trigger_id)) return;
    const place: Place = { channel: channel_id, respond: respondBy(respond) };
    track(
      (async () => {
        const asked = await askedBy(client, context, user_id, trigger_id);
        await guarded(asked, place, () => slash(desk, asked, text, trigger_id, place));
      })(),
    );
  });

  app.shortcut(/.*/, async ({ shortcut, ack, client, context, ...rest }) => {
    await ack();
    const { callback_id, trigger_id, user } = shortcut;
    if (!isFirst(trigger_id)) return;
    track(
      (async () => {
        const asked = await askedBy(client, context, user.id, trigger_id);
        if (shortcut.type !== 'message_action') {
          await guarded(asked, {}, () => newAnalogy(asked, trigger_id));
          return;
        }
        const { message, channel } = shortcut;
        const respond = 'respond' in rest ? (rest.respond as RespondFn) : undefined;
        const place: Place = { channel: channel.id, respond: respond && respondBy(respond) };
        const act = callback_id === 'apply_analogy' ? applyThis : useThese;
        await guarded(asked, place, () => act(desk, asked, message as never, trigger_id, place));
      })(),
    );
  });

  app.view(/.*/, async ({ ack, body, view, client, context }) => {
    const { user, trigger_id: trigger } = body as unknown as Body;
    const interaction = trigger ?? `${view.id}.${view.hash}`;
    if (!isFirst(interaction)) return ack();
    const asked = await askedBy(client, context, user.id, interaction);
    const { channel } = readMetadata(view.private_metadata);
    const submission = {
      callbackId: view.callback_id,
      metadata: view.private_metadata,
      state: view.state.values as never,
    };
    await new Promise<void>((resolve) => {
      track(
        guarded(asked, { channel }, () =>
          submit(desk, asked, submission, async (errors) => {
            await (errors ? ack({ response_action: 'errors', errors: { ...errors } }) : ack());
            resolve();
          }),
        ).finally(resolve),
      );
    });
  });

  app.action(pressIds, async ({ ack, body, action, client, context, respond }) => {
    await ack();
    const interaction = (body as Body).trigger_id ?? `${context.teamId}.${Date.now()}`;
    const id = pressedIn(action);
    if (id === undefined || !isFirst(interaction)) return;
    const pressed = placeOf(body, respond);
    const label = labelOf(action);
    track(
      (async () => {
        const asked = await askedBy(client, context, body.user.id, interaction);
        await guarded(asked, pressed, () =>
          press(desk, asked, id, { ...pressed, label, trigger: interaction }),
        );
        // What was pressed there may have changed what is shown there.
        if (pressed.message === undefined) await showHome(desk, asked);
      })().catch((err: unknown) => log({ err }, 'a press was not answered')),
    );
  });

  app.action(addPairId, async ({ ack, body, client, action }) => {
    await ack();
    const { view } = body as unknown as { view?: types.View & { id: string; hash: string } };
    if (view?.type !== 'modal') return;
    const locale = (await desk.members.of(createWire(client), '', body.user.id)).locale;
    const { callback_id: callbackId = 'new', private_metadata: privateMetadata = '' } = view;
    const place = readMetadata(privateMetadata).channel === undefined ? 'ask' : 'here';
    const pairs = Number(pressedIn(action));
    const next = analogyModal({ callbackId, privateMetadata, locale, place, pairs });
    const changed = createWire(client).change(view.id, view.hash, next);
    track(changed.catch((err: unknown) => log({ err }, 'a dialog was not changed')));
  });

  app.action(/^home:/, async ({ ack, body, action, client, context }) => {
    await ack();
    const trigger = (body as Body).trigger_id ?? '';
    if (!isFirst(trigger)) return;
    track(
      (async () => {
        const asked = await askedBy(client, context, body.user.id, trigger);
        await guarded(asked, {}, () => home(asked, pressedIn(action), trigger));
      })(),
    );
  });

  const home = async (asked: Asked, id: string | undefined, trigger: string) => {
    const { commands, signal } = desk;
    if (id === homeIds.begin) return newAnalogy(asked, trigger);
    if (id === homeIds.refresh) return showHome(desk, asked);
    if (id === homeIds.settings) {
      const found = commands.describe(asked.member.locale).find(({ name }) => name === 'settings');
      return found && settings(desk, asked, found, trigger, {});
    }
    const name = id === homeIds.forget ? 'forget' : 'help';
    const context = contextOf(asked, { signal });
    return answer(desk, asked, context, commands.run(context, name, {}), {});
  };

  app.options(/.*/, async ({ ack, options: typed, client, context, body }) => {
    const asked = await askedBy(client, context, body.user.id, 'options');
    const { signal, commands } = desk;
    const names = await commands.complete(contextOf(asked, { signal }), typed.value);
    await ack({ options: [...options(names)] });
  });

  app.event('app_home_opened', async ({ event, client, context }) => {
    if (event.tab !== 'home') return;
    const asked = await askedBy(client, context, event.user, 'home');
    await showHome(desk, asked);
  });
  app.event('app_uninstalled', async ({ context }) => removed(context.teamId ?? ''));
  app.event('tokens_revoked', async ({ event, context }) => {
    if ((event.tokens.bot ?? []).length > 0) removed(context.teamId ?? '');
  });
  app.error(async (error) => log({ err: error }, 'an event of Slack was not handled'));
}

/** Where a button is: in a message that all see, in one that only one sees, or in the Home tab. */
function placeOf(body: SlackActionMiddlewareArgs['body'], respond: RespondFn) {
  const { container, channel, message } = body as unknown as {
    container?: { type?: string; is_ephemeral?: boolean; message_ts?: string };
    channel?: { id: string };
    message?: { ts: string; thread_ts?: string };
  };
  const isMessage = container?.type === 'message';
  const thread = message?.thread_ts;
  return {
    ...(channel && { channel: channel.id }),
    ...(thread !== undefined && { thread }),
    ...(isMessage && { message: message?.ts ?? container.message_ts, respond: respondBy(respond) }),
    isWhisper: container?.is_ephemeral === true,
  };
}

function respondBy(respond: RespondFn): Respond {
  return async ({ blocks, text, replace }) => {
    const kind = replace ? { replace_original: true } : { replace_original: false };
    await respond({ response_type: 'ephemeral', ...kind, blocks, text });
  };
}

function labelOf(action: object): string {
  const { text, selected_option: option } = action as {
    text?: { text?: string };
    selected_option?: { text?: { text?: string } };
  };
  return text?.text ?? option?.text?.text ?? 'Likewise';
}
