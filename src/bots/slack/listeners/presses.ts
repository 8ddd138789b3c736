import type { App, RespondFn, SlackActionMiddlewareArgs } from '@slack/bolt';
import { answer } from '../answer.ts';
import { type Asked, contextOf } from '../context.ts';
import { homeIds } from '../home.ts';
import { showHome } from '../home-tab.ts';
import { pressedIn, pressIds } from '../messages/index.ts';
import { press } from '../presses.ts';
import { newAnalogy } from '../shortcuts.ts';
import { settings } from '../slash.ts';
import { type Hearing, respondBy, threadAbove } from './hearing.ts';

/** Buttons, menus and lists, in messages and in the Home tab. */
export function hearPresses(app: App, hearing: Hearing): void {
  const { desk, track, log, isFirst, askedBy, guarded } = hearing;

  app.action(pressIds, async ({ ack, body, action, context, respond }) => {
    await ack();
    const interaction = triggerOf(body);
    const id = pressedIn(action);
    if (id === undefined || interaction === undefined || !isFirst(interaction)) return;
    const pressed = placeOf(body, respond);
    const label = labelOf(action);
    track(
      (async () => {
        const asked = await askedBy(context, body.user.id, interaction);
        await guarded(asked, pressed, () =>
          press(desk, asked, id, { ...pressed, label, trigger: interaction }),
        );
        // What was pressed there may have changed what is shown there.
        if (pressed.message === undefined) await showHome(desk, asked);
      })().catch((err: unknown) => log({ err }, 'a press was not answered')),
    );
  });

  app.action(/^home:/, async ({ ack, body, action, context }) => {
    await ack();
    const trigger = triggerOf(body);
    if (trigger === undefined || !isFirst(trigger)) return;
    track(
      (async () => {
        const asked = await askedBy(context, body.user.id, trigger);
        await guarded(asked, {}, () => atHome(asked, pressedIn(action), trigger));
      })(),
    );
  });

  const atHome = async (asked: Asked, id: string | undefined, trigger: string) => {
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
}

function triggerOf(body: object): string | undefined {
  return (body as { trigger_id?: string }).trigger_id;
}

/** Where a button is: in a message that all see, in one that only one sees, or in the Home tab. */
function placeOf(body: SlackActionMiddlewareArgs['body'], respond: RespondFn) {
  const { container, channel, message } = body as unknown as {
    container?: { type?: string; is_ephemeral?: boolean; message_ts?: string; thread_ts?: string };
    channel?: { id: string };
    message?: { ts: string; thread_ts?: string };
  };
  const isMessage = container?.type === 'message';
  // Slack leaves the message out where only one sees it.
  const thread = message?.thread_ts ?? container?.thread_ts;
  const ts = message?.ts ?? container?.message_ts;
  const above = threadAbove({ ts, thread_ts: thread });
  return {
    ...(channel && { channel: channel.id }),
    ...(thread !== undefined && { thread }),
    ...(isMessage && { message: ts, respond: respondBy(respond, above) }),
    isWhisper: container?.is_ephemeral === true,
  };
}

function labelOf(action: object): string {
  const { text, selected_option: option } = action as {
    text?: { text?: string };
    selected_option?: { text?: { text?: string } };
  };
  return text?.text ?? option?.text?.text ?? 'Likewise';
}
