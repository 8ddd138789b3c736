import type { App, RespondFn } from '@slack/bolt';
import type { Place } from '../answer.ts';
import { applyThis, newAnalogy, type Target, useThese } from '../shortcuts.ts';
import { slash } from '../slash.ts';
import { type Hearing, respondBy, threadAbove } from './hearing.ts';

/** The slash command, and the shortcuts: what begins something. */
export function hearCommands(app: App, { desk, track, isFirst, askedBy, guarded }: Hearing): void {
  app.command(/.*/, async ({ command, ack, respond, context }) => {
    await ack();
    const { user_id, channel_id, trigger_id, text } = command;
    if (!isFirst(trigger_id)) return;
    const place: Place = { channel: channel_id, respond: respondBy(respond) };
    track(
      (async () => {
        const asked = await askedBy(context, user_id, trigger_id);
        await guarded(asked, place, () => slash(desk, asked, text, trigger_id, place));
      })(),
    );
  });

  app.shortcut(/.*/, async ({ shortcut, ack, context, ...rest }) => {
    await ack();
    const { callback_id, trigger_id, user } = shortcut;
    if (!isFirst(trigger_id)) return;
    track(
      (async () => {
        const asked = await askedBy(context, user.id, trigger_id);
        if (shortcut.type !== 'message_action') {
          await guarded(asked, {}, () => newAnalogy(asked, trigger_id));
          return;
        }
        const { channel } = shortcut;
        const target = shortcut.message as unknown as Target;
        const respond = 'respond' in rest ? (rest.respond as RespondFn) : undefined;
        const above = threadAbove(target);
        const place: Place = { channel: channel.id, respond: respondBy(respond, above) };
        const act = callback_id === 'apply_analogy' ? applyThis : useThese;
        await guarded(asked, place, () => act(desk, asked, target, trigger_id, place));
      })(),
    );
  });
}
