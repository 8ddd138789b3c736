import { type Answer, object, refused, word } from './answers.ts';
import type { Call, Method } from './methods.ts';
import { unshowable } from './places.ts';
import type { Ack, JsonObject, View } from './shapes.ts';
import type { ActState, Trigger, World } from './world.ts';

const whole = (body: JsonObject): Answer => ({ status: 200, body });

const shown = ({ running }: Pick<Call, 'running'>, view: unknown): View =>
  ({ ...object(view), app_installed_team_id: running.workspace.teamId }) as unknown as View;

function badBlocks({ world, running, body }: Call): Answer | undefined {
  const messages = unshowable(world, running, object(body.view).blocks, '/view');
  if (messages.length === 0) return undefined;
  return refused('invalid_arguments', { response_metadata: { messages } });
}

/** A trigger that can be used now, or Slack's word for why it cannot. */
function usable(world: World, id: string): Trigger | string {
  const trigger = world.triggers.get(id);
  if (trigger === undefined) return 'invalid_trigger_id';
  if (trigger.used) return 'exchanged_trigger_id';
  if (world.now() - trigger.bornAt > world.triggerLife) return 'expired_trigger_id';
  return trigger;
}

/** Opens or pushes: the emulator gets a fresh trigger of its own for the one that was used up. */
async function exchange(call: Call, kind: 'open' | 'push'): Promise<Answer> {
  const { world, running, body, pass } = call;
  const trigger = usable(world, word(body.trigger_id));
  if (typeof trigger === 'string') return refused(trigger);
  const bad = badBlocks(call);
  if (bad !== undefined) return bad;
  trigger.used = true;
  const fresh = await running.call(
    'views.generateTriggerId',
    {
      user_id: trigger.userId,
      ...(trigger.viewId === undefined ? {} : { view_id: trigger.viewId }),
    },
    running.innerToken,
  );
  const answer = await pass({ trigger_id: fresh.trigger_id });
  if (answer.ok !== true) {
    trigger.used = false;
    return whole(answer);
  }
  const view = world.views[kind](trigger.userId, shown(call, answer.view));
  trigger.act?.views.push(view.id);
  return whole({ ...answer, view });
}

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': (call) => exchange(call, 'open'),
  'views.push': (call) => exchange(call, 'push'),
  async 'views.update'(call) {
    const { world, body, pass } = call;
    const id = word(body.view_id) || (world.views.byExternalId(word(body.external_id))?.id ?? '');
    if (!world.views.isOpen(id)) return refused('not_found');
    const bad = badBlocks(call);
    if (bad !== undefined) return bad;
    const answer = await pass();
    if (answer.ok !== true) return whole(answer);
    return whole({ ...answer, view: world.views.put(shown(call, answer.view)) });
  },
  async 'views.publish'(call) {
    const { world, body, pass } = call;
    const bad = badBlocks(call);
    if (bad !== undefined) return bad;
    const answer = await pass();
    if (answer.ok !== true) return whole(answer);
    return whole({
      ...answer,
      view: world.views.home(word(body.user_id), shown(call, answer.view)),
    });
  },
};

/**
 * What the answer to a submitted modal does: it closes it, changes it, pushes another onto it, or
 * leaves it with its errors. Gives what is wrong with the answer, empty where nothing is.
 */
export async function applyAnswer(
  world: World,
  act: ActState,
  view: View,
  ack: Ack,
): Promise<string[]> {
  const { running, user } = act;
  if (ack.status !== 200) return [];
  const body = object(ack.body);
  const inner = (method: string, more: JsonObject) =>
    running.call(method, { view: body.view, ...more }, running.innerToken);
  switch (body.response_action) {
    case undefined:
      world.views.pop(user.id);
      return ack.body === undefined || ack.body === '' ? [] : ['ack: is not empty and no action'];
    case 'clear':
      world.views.clear(user.id);
      return [];
    case 'errors': {
      const inputs = view.blocks.filter((one) => one.type === 'input').map((one) => one.block_id);
      const errors = Object.keys(object(body.errors));
      if (errors.length === 0) return ['ack: errors are none'];
      return errors
        .filter((id) => !inputs.includes(id))
        .map((id) => `ack: errors.${id} is no input of the view`);
    }
    case 'update': {
      const answer = await inner('views.update', { view_id: view.id });
      if (answer.ok !== true) return [`ack: update is ${word(answer.error)}`];
      act.views.push(world.views.put(shown(act, answer.view)).id);
      return [];
    }
    case 'push': {
      const fresh = await running.call(
        'views.generateTriggerId',
        { user_id: user.id, view_id: view.id },
        running.innerToken,
      );
      const answer = await inner('views.push', { trigger_id: fresh.trigger_id });
      if (answer.ok !== true) return [`ack: push is ${word(answer.error)}`];
      act.views.push(world.views.push(user.id, shown(act, answer.view)).id);
      return [];
    }
    default:
      return [`ack: response_action ${String(body.response_action)} is none`];
  }
}
