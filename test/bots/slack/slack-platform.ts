import { calledOn } from '../../../src/bots/slack/slash.ts';
import type { Commands, LazyFile, View, Views } from '../../../src/commands/port.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Platform } from '../../contracts/commands.ts';
import { openStage, type Stage } from './stage.ts';
import { triggerId } from './twin/ids.ts';
import type {
  Act,
  View as Dialog,
  JsonObject,
  Message,
  SlackFile,
  Upload,
  Value,
} from './twin/shapes.ts';

/** Milliseconds: the machine may be busy. */
const long = 50_000;

/** Commands that take what is behind their name. */
const behind: Readonly<Record<string, string>> = {
  library: 'search',
  cancel: 'job',
  show: 'job',
  apply: 'analogy',
};

/** The suite's platform: what members do there, by what Slack sends; views are noted on their way. */
export async function slackPlatform(
  engine: Engine,
  folder: string,
): Promise<Platform & { stage: Stage }> {
  const notes = createNotes();
  const stage = await openStage({ engine, folder, watch: notes.watch });
  const { slack, commands } = stage;
  const { alice } = slack.users;
  const tenant = `slack:${alice.teamId}`;

  /** What Slack's client would not let a member send: a platform has no say in what is missing. */
  const sendRaw = async (payload: JsonObject): Promise<View[]> => {
    const trigger = triggerId();
    const whole = {
      team: { id: alice.teamId },
      user: { id: alice.id },
      trigger_id: trigger,
      ...payload,
    };
    const body = new URLSearchParams({ payload: JSON.stringify(whole) }).toString();
    const { status } = await slack.raw(body);
    if (status !== 200) throw new Error(`Slack was answered with ${status}`);
    return notes.viewsOf(trigger);
  };
  const sendDialog = async (callbackId: string, input: Record<string, unknown>) => {
    const values: Record<string, JsonObject> = {};
    for (const [name, value] of Object.entries(input)) {
      values[name] = { value: await stateOf(value) };
    }
    const metadata = JSON.stringify({ channel: slack.channels.general });
    const view = {
      id: 'V1',
      type: 'modal',
      hash: '1',
      callback_id: callbackId,
      private_metadata: metadata,
      blocks: [],
      state: { values },
    };
    return sendRaw({ type: 'view_submission', view });
  };
  const stateOf = async (value: unknown): Promise<JsonObject> => {
    if (isFile(value)) {
      return { type: 'file_input', files: [slack.upload(alice, await uploadOf(value))] };
    }
    return { type: 'plain_text_input', value: textOf(value) };
  };
  /** Fills in a dialog as a member does; undefined where it cannot be sent, or was not taken. */
  const fillIn = async (
    view: Dialog,
    input: Record<string, unknown>,
  ): Promise<View[] | undefined> => {
    const values: Record<string, Value> = {};
    const files: Record<string, readonly (Upload | SlackFile)[]> = {};
    for (const [name, value] of Object.entries(input)) {
      if (isFile(value)) files[name] = [await uploadOf(value)];
      else values[name] = textOf(value);
    }
    if (values.analogy !== undefined) {
      await slack.suggest(alice, view, 'value', String(values.analogy)).acked();
    }
    let act: Act;
    try {
      act = slack.submit(alice, view, values, files);
    } catch {
      slack.dismiss(alice, view);
      return undefined;
    }
    const { body } = await act.acked(long);
    const trigger = act.triggerId ?? '';
    if (body !== undefined) {
      // What is to be mended is said in the dialog, which stays open.
      slack.dismiss(alice, view);
      if (!notes.has(trigger)) return undefined;
    }
    return notes.viewsOf(trigger);
  };

  const run = async (name: string, input: Record<string, unknown>): Promise<View[]> => {
    const [only, ...others] = Object.keys(input);
    const argument = behind[name];
    const text = argument !== undefined && argument in input ? String(input[argument]) : '';
    const words = calledOn(name).replace(/^\/analogy\s*/, '');
    const isPlain = only === undefined || (only === argument && others.length === 0);
    const act = slack.slash(alice, '/analogy', `${words} ${text}`.trim());
    await act.acked(long);
    // Either it was run, or a dialog was opened; another may be open from before.
    const begun = slack.until(() => notes.has(act.triggerId ?? ''), `A run of ${name}`, long);
    const asked = act.view(long);
    // Only one of them comes.
    for (const each of [begun, asked]) each.catch(() => {});
    const view = await Promise.race([begun, asked]);
    if (view === true) {
      const views = await notes.viewsOf(act.triggerId ?? '');
      return isPlain ? views : sendDialog(`run~${name}`, input);
    }
    const rest = Object.fromEntries(Object.entries(input).filter(([key]) => key !== argument));
    const shown = name === 'analogy' ? await withPairs(view, input) : view;
    const given = name === 'apply' ? rest : input;
    return (await fillIn(shown, given)) ?? sendDialog(`run~${name}`, input);
  };
  /** Adds pairs, until there are as many as are given. */
  const withPairs = async (view: Dialog, input: Record<string, unknown>): Promise<Dialog> => {
    for (const n of [2, 3, 4, 5]) {
      const isGiven = [2, 3, 4, 5].some(
        (m) => m >= n && (`before${m}` in input || `after${m}` in input),
      );
      if (!isGiven) break;
      await slack.press(alice, slack.openViews(alice).at(-1) ?? view, 'pair:add').acked();
      await slack.until(
        () => JSON.stringify(slack.openViews(alice).at(-1)?.blocks).includes(`"before${n}"`),
        `Pair ${n}`,
      );
    }
    return slack.openViews(alice).at(-1) ?? view;
  };

  /** The latest message that offers a button, as whoever asked for it sees it. */
  const showing = (id: string): Message | undefined =>
    [...slack.messages(), ...slack.dms(alice), ...slack.ephemerals(alice)].findLast(({ blocks }) =>
      JSON.stringify(blocks ?? []).includes(`"value":${JSON.stringify(id)}`),
    );
  const press = async (id: string, values: Record<string, unknown>): Promise<View[]> => {
    const isAsking = Object.keys(values).length > 0;
    const message = notes.offered(id)
      ? await slack.until(() => showing(id), `A message with ${id}`, 3000).catch(() => undefined)
      : undefined;
    const act = message && pressOn(message, id);
    if (!act) {
      if (isAsking) return sendDialog(`press~${id}`, values);
      const container = { type: 'message', message_ts: '1.1', channel_id: slack.channels.general };
      const action = { type: 'button', action_id: 'press:1', block_id: 'b', value: id };
      const channel = { id: slack.channels.general };
      return sendRaw({ type: 'block_actions', container, channel, actions: [action] });
    }
    await act.acked(long);
    if (!isAsking) return notes.viewsOf(act.triggerId ?? '');
    return (await fillIn(await act.view(), values)) ?? sendDialog(`press~${id}`, values);
  };
  const pressOn = (message: Message, id: string): Act | undefined => {
    const { element, option } = elementOf(message, id) ?? {};
    if (element === undefined) return undefined;
    try {
      return option
        ? slack.select(alice, message, String(element.action_id), id)
        : slack.press(alice, message, String(element.action_id), id);
    } catch {
      // It was deleted in this moment.
      return undefined;
    }
  };

  return {
    stage,
    names: commands.list.map(({ name }) => name),
    idOf: () => alice.id,
    calledOn,
    run: (name, input = {}) => run(name, input),
    press: (id, values = {}) => press(id, values),
    async complete(text) {
      const act = slack.slash(alice, '/analogy');
      const view = await act.view();
      const { body } = await slack.suggest(alice, view, 'value', text).acked();
      slack.dismiss(alice, view);
      return (body as { options: { value: string }[] }).options.map(({ value }) => value);
    },
    file: async (id) => (await commands.file({ tenant, user: alice.id } as never, id)).bytes,
    close: stage.close,
  };
}

/** What shows a press: a button, or something with options of which it is one. */
export function elementOf(
  { blocks = [] }: Pick<Message, 'blocks'>,
  id: string,
): { readonly element: JsonObject; readonly option: boolean } | undefined {
  const elements = blocks.flatMap(({ elements: all = [], accessory }) => [
    ...(all as JsonObject[]),
    ...(accessory === undefined ? [] : [accessory as JsonObject]),
  ]);
  for (const element of elements) {
    if (element.value === id) return { element, option: false };
    const options = (element.options ?? []) as JsonObject[];
    if (options.some(({ value }) => value === id)) return { element, option: true };
  }
  return undefined;
}

/** Commands whose views are noted by the interaction that they answer. */
function createNotes() {
  const all = new Map<string, PromiseWithResolvers<View[]>>();
  const begun = new Set<string>();
  const ids = new Set<string>();
  const entry = (interaction: string) => {
    const known = all.get(interaction) ?? Promise.withResolvers<View[]>();
    all.set(interaction, known);
    return known;
  };
  async function* note(interaction: string, views: Views): Views {
    begun.add(interaction);
    const seen: View[] = [];
    try {
      for await (const view of views) {
        seen.push(view);
        const items = view.kind === 'list' ? view.items.flatMap(({ buttons }) => buttons) : [];
        const picks = view.kind === 'result' ? view.cells.map(({ pick }) => pick) : [];
        const shown = [...view.buttons.flat(), ...items].map(({ id }) => id);
        for (const id of [...shown, ...picks]) ids.add(id);
        yield view;
      }
    } finally {
      entry(interaction).resolve(seen);
    }
  }
  return {
    has: (interaction: string) => begun.has(interaction),
    offered: (id: string) => ids.has(id),
    viewsOf: (interaction: string) => entry(interaction).promise,
    watch: (commands: Commands): Commands => ({
      ...commands,
      run: (context, name, input) => note(context.interaction, commands.run(context, name, input)),
      press: (context, id, values) =>
        note(context.interaction, commands.press(context, id, values)),
    }),
  };
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function isFile(value: unknown): value is LazyFile {
  return typeof value === 'object' && value !== null && 'fetch' in value;
}

async function uploadOf(file: LazyFile): Promise<Upload> {
  const parts: Uint8Array[] = [];
  const bytes = await file.fetch(new AbortController().signal);
  for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) parts.push(part);
  return { name: file.name, bytes: Buffer.concat(parts) };
}
