import { object } from './answers.ts';
import type { Delivery, Retry } from './delivery.ts';
import { slackId, triggerId } from './ids.ts';
import type { Act, JsonObject, Member, Message, View } from './shapes.ts';
import { violations } from './validator.ts';
import { applyAnswer } from './view-methods.ts';
import type { Wait } from './waiting.ts';
import { type ActState, runningOf, viewsOf, type World } from './world.ts';

export interface Ids {
  readonly trigger: string;
  readonly url: string;
}

export interface Plan {
  readonly user: Member;
  readonly kind: ActState['kind'];
  readonly channelId?: string;
  /** The message or the view that it was done on. */
  readonly on?: Message | View;
  /** Whether Slack gives it a trigger; default true. */
  readonly triggers?: boolean;
  /** `actions`, `commands` or `app`: the kind of its response URL; none by default. */
  readonly answers?: 'actions' | 'commands' | 'app';
  readonly payload: (ids: Ids) => JsonObject;
}

/** Sends what members do, and follows what comes of it. */
export function createActing(options: {
  readonly world: World;
  readonly delivery: Delivery;
  readonly wait: Wait;
}) {
  const { world, delivery, wait } = options;
  const states = new WeakMap<Act, ActState>();
  /** What was wrong with answers. */
  const faults: string[] = [];
  /** Options that the bot offered, by the user and the field. */
  const offers = new Map<string, readonly JsonObject[]>();

  /** What an answer changes for the member. */
  async function settle(
    state: ActState,
    on: Message | View | undefined,
    ack: NonNullable<ActState['ack']>,
  ) {
    const { type } = state.payload;
    if (type === 'view_submission' && on !== undefined && 'id' in on) {
      const body = object(ack.body);
      if (body.view !== undefined) {
        const method = body.response_action === 'push' ? 'views.push' : 'views.update';
        const whole = { view: body.view, view_id: on.id, trigger_id: 'ack' };
        faults.push(...violations(method, whole).map((one) => `ack: ${one}`));
      }
      faults.push(...(await applyAnswer(world, state, on, ack)));
    }
    if (type === 'block_suggestion') {
      const { options: plain = [], option_groups: groups = [] } = object(ack.body);
      const all = [
        ...(plain as JsonObject[]),
        ...(groups as JsonObject[]).flatMap((one) => (one.options ?? []) as JsonObject[]),
      ];
      if (all.length > 100) faults.push(`ack: ${all.length} options`);
      for (const { text, value } of all) {
        const words = String(object(text).text ?? '');
        if (words === '' || words.length > 75) faults.push(`ack: an option's text is "${words}"`);
        if (String(value ?? '').length > 150) faults.push('ack: an option has a value over 150');
      }
      offers.set(`${state.user.id}/${String(state.payload.action_id)}`, all);
    }
    if (state.kind === 'slash_commands' && ack.body !== undefined) {
      const body = typeof ack.body === 'string' ? { text: ack.body } : ack.body;
      faults.push(...violations('response_url', body).map((one) => `ack: ${one}`));
    }
  }

  function follow(state: ActState, on: Message | View | undefined, retry?: Retry): Act {
    delivery
      .send(state, retry)
      .then(async (ack) => {
        await settle(state, on, ack);
        state.ack = ack;
      })
      .catch((error: unknown) => {
        state.failed = error instanceof Error ? error : new Error(String(error));
      })
      .finally(world.changed);
    const replies = () => state.replies.flatMap((which) => world.messages.byKey(which) ?? []);
    const act: Act = {
      triggerId: state.triggerId,
      responseUrl: state.responseUrl,
      payload: state.payload,
      acked: async (within = 10_000) =>
        wait(
          () => {
            if (state.failed !== undefined) throw state.failed;
            return state.ack;
          },
          within,
          'The answer',
        ),
      view: async (within = 20_000) => wait(() => viewsOf(world, state)[0], within, 'The view'),
      replies,
      reply: async (index = 0, within = 20_000) =>
        wait(() => replies()[index], within, `Reply ${index}`),
    };
    states.set(act, state);
    sources.set(state, on);
    return act;
  }
  const sources = new WeakMap<ActState, Message | View | undefined>();

  return {
    faults,
    offered: (user: Member, actionId: string) => offers.get(`${user.id}/${actionId}`),
    act(plan: Plan): Act {
      const { user, on } = plan;
      const running = runningOf(world, user.teamId);
      const ids: Ids = {
        trigger: triggerId(),
        url: `${world.origin}/${plan.answers ?? 'none'}/${user.teamId}/${slackId('')}/${slackId('')}`,
      };
      const triggers = plan.triggers ?? true;
      const message = on !== undefined && !('id' in on) ? on : undefined;
      const state: ActState = {
        user,
        running,
        channelId: plan.channelId ?? message?.channel,
        source: message,
        payload: plan.payload(ids),
        kind: plan.kind,
        triggerId: triggers ? ids.trigger : undefined,
        responseUrl: plan.answers === undefined ? undefined : ids.url,
        ack: undefined,
        failed: undefined,
        views: [],
        replies: [],
      };
      const bornAt = world.now();
      if (triggers) {
        const viewId = on !== undefined && 'id' in on && on.type === 'modal' ? on.id : undefined;
        world.triggers.set(ids.trigger, {
          userId: user.id,
          bornAt,
          viewId,
          act: state,
          used: false,
        });
      }
      if (plan.answers !== undefined) {
        world.responseUrls.set(new URL(ids.url).pathname, { act: state, bornAt, uses: 0 });
      }
      return follow(state, on);
    },
    again(act: Act, retry: Retry = { num: 1 }): Act {
      const state = states.get(act);
      if (state === undefined) throw new Error('Nobody did this');
      // The same trigger and the same response URL: what comes of them counts for the first one.
      return follow({ ...state, ack: undefined, failed: undefined }, sources.get(state), retry);
    },
  };
}

export type Acting = ReturnType<typeof createActing>;
