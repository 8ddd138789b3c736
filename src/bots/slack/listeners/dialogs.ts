import { setTimeout as sleep } from 'node:timers/promises';
import type { App, types } from '@slack/bolt';
import { contextOf } from '../context.ts';
import { pressedIn } from '../messages/index.ts';
import { readMetadata } from '../metadata.ts';
import { addPairId, analogyModal, options, type State } from '../modals/index.ts';
import { submit } from '../submissions.ts';
import type { Hearing } from './hearing.ts';

/** Milliseconds in which names are found; Slack waits for 3 s. */
const patience = 1500;

/** Dialogs that are sent, and what is asked while they are filled in. */
export function hearDialogs(app: App, hearing: Hearing): void {
  const { desk, track, log, isFirst, askedBy, guarded } = hearing;

  app.view(/.*/, async ({ ack, body, view, context }) => {
    const { trigger_id: trigger } = body as unknown as { trigger_id?: string };
    const interaction = trigger ?? `${view.id}.${view.hash}`;
    if (!isFirst(interaction)) return ack();
    const asked = await askedBy(context, body.user.id, interaction);
    const { channel } = readMetadata(view.private_metadata);
    const submission = {
      callbackId: view.callback_id,
      metadata: view.private_metadata,
      state: view.state.values as State,
    };
    await new Promise<void>((resolve) => {
      let isClosed = false;
      const close = async (errors?: Readonly<Record<string, string>>) => {
        isClosed = true;
        await (errors ? ack({ response_action: 'errors', errors: { ...errors } }) : ack());
        resolve();
      };
      const sent = async () => {
        try {
          await submit(desk, asked, submission, close);
        } finally {
          // What failed is said below; a dialog that nobody answers looks like a fault of Slack's.
          if (!isClosed) await close();
        }
      };
      track(guarded(asked, { channel }, sent).finally(resolve));
    });
  });

  app.action(addPairId, async ({ ack, body, context, action }) => {
    await ack();
    const { view, trigger_id: trigger = '' } = body as unknown as {
      trigger_id?: string;
      view?: types.View & { id: string; hash: string };
    };
    if (view?.type !== 'modal') return;
    track(
      (async () => {
        const { wire, member } = await askedBy(context, body.user.id, trigger);
        const { callback_id: callbackId = 'new', private_metadata: privateMetadata = '' } = view;
        const place = readMetadata(privateMetadata).channel === undefined ? 'ask' : 'here';
        const pairs = Number(pressedIn(action));
        const { locale } = member;
        const next = analogyModal({ callbackId, privateMetadata, locale, place, pairs });
        await wire.change(view.id, view.hash, next);
      })().catch((err: unknown) => log({ err }, 'a dialog was not changed')),
    );
  });

  app.options(/.*/, async ({ ack, options: typed, context, body }) => {
    const asked = await askedBy(context, body.user.id, 'options');
    const { signal, commands } = desk;
    const found = commands.complete(contextOf(asked, { signal }), typed.value).catch((err) => {
      log({ err }, 'no names were found for Slack');
      return [];
    });
    const late = sleep(patience, [] as readonly string[], { ref: false });
    await ack({ options: [...options(await Promise.race([found, late]))] });
  });
}
