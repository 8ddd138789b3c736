/** What members do, to what is done about it. Each is acknowledged within 3 s. */
import type { App } from '@slack/bolt';
import type { Log } from '../../../commands/port.ts';
import type { Desk } from '../desk.ts';
import { showHome } from '../home-tab.ts';
import { hearCommands } from './commands.ts';
import { hearDialogs } from './dialogs.ts';
import { createHearing, type Hearing } from './hearing.ts';
import { hearPresses } from './presses.ts';

export interface ListenOptions {
  readonly desk: Desk;
  /** Told of work that goes on after Slack has been answered. */
  readonly track: (work: Promise<unknown>) => void;
  /** Slack says that the app is gone from a workspace: it may have come again since. */
  readonly removed: (team: string) => Promise<void>;
  readonly log: Log;
}

export function listen(app: App, { desk, track, removed, log }: ListenOptions): void {
  const hearing = createHearing({ desk, log, track });
  hearCommands(app, hearing);
  hearDialogs(app, hearing);
  hearPresses(app, hearing);
  hearEvents(app, hearing, removed);
  app.error(async (error) => log({ err: error }, 'an event of Slack was not handled'));
}

function hearEvents(
  app: App,
  { desk, track, log, isFirst, askedBy }: Hearing,
  removed: (team: string) => Promise<void>,
): void {
  app.event('app_home_opened', async ({ event, context }) => {
    if (event.tab !== 'home') return;
    track(
      (async () => {
        const asked = await askedBy(context, event.user, 'home');
        await showHome(desk, asked);
      })().catch((err: unknown) => log({ err }, 'a Home tab was not drawn')),
    );
  });
  app.event('app_uninstalled', async ({ body, context }) => {
    if (isFirst(body.event_id)) track(removed(context.teamId ?? ''));
  });
  app.event('tokens_revoked', async ({ body, event, context }) => {
    const isOurs = (event.tokens.bot ?? []).length > 0;
    if (isOurs && isFirst(body.event_id)) track(removed(context.teamId ?? ''));
  });
}
