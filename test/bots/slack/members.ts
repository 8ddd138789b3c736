import { elementsOf, textOf } from './messages/slack-checks.ts';
import { elementOf } from './slack-platform.ts';
import type { Stage } from './stage.ts';
import type {
  Act,
  JsonObject,
  Member,
  Message,
  Place,
  Slack,
  Upload,
  Value,
  View,
} from './twin/shapes.ts';

/** What members send and see, for tests that look at it from their side. */

/** A picture that the engine of the tests takes. */
export function picture(text: string, name = 'cat.png'): Upload {
  return { name, bytes: new TextEncoder().encode(`picture ${text}`) };
}

export const three = {
  before: [picture('a', 'a.png')],
  after: [picture('a2', 'a2.png')],
  picture: [picture('b', 'b.png')],
};

type Values = Readonly<Record<string, Value>>;
type Files = Readonly<Record<string, readonly Upload[]>>;

/** `/analogy`, and its dialog filled in. @returns what the sending of the dialog led to */
export async function analogy(
  slack: Slack,
  user: Member,
  options: { values?: Values; files?: Files; place?: Place } = {},
): Promise<Act> {
  const { values = {}, files = three, place = {} } = options;
  const view = await slack.slash(user, '/analogy', '', place).view(long);
  const act = slack.submit(user, view, values, files);
  await act.acked(long);
  return act;
}

/** Milliseconds: the machine may be busy. */
export const long = 50_000;

type Blocks = { readonly blocks?: readonly JsonObject[] | undefined };

export const textIn = (message: Blocks | undefined): string => textOf(message?.blocks ?? []);

/** All that can be pressed, options too. */
export function pressesIn(message: Blocks | undefined): string[] {
  const blocks = (message?.blocks ?? []) as never;
  return elementsOf({ blocks }).flatMap(({ value, options }) =>
    options === undefined
      ? [String(value)]
      : (options as { value: string }[]).map((option) => option.value),
  );
}

export function pressFor(message: Blocks, action: string): string {
  const found = pressesIn(message).find((id) => id === action || id.startsWith(`${action}~`));
  if (found === undefined) throw new Error(`there is no ${action}: ${pressesIn(message)}`);
  return found;
}

/** Presses what does it: a button, or an option of a menu or list. */
export function press(slack: Slack, user: Member, message: Message, action: string): Act {
  return pressId(slack, user, message, pressFor(message, action));
}

export function pressId(
  slack: Slack,
  user: Member,
  on: Parameters<Slack['press']>[1],
  id: string,
): Act {
  const found = elementOf({ blocks: on.blocks ?? [] }, id);
  if (!found) throw new Error(`there is no ${id}`);
  const name = String(found.element.action_id);
  return found.option ? slack.select(user, on, name, id) : slack.press(user, on, name, id);
}

export const imagesIn = (message: Blocks | undefined) =>
  (message?.blocks ?? []).filter(({ type }) => type === 'image');

/** The bytes of the picture that it shows, as text. */
export function shownIn(slack: Slack, message: Blocks): string {
  const { id = '' } = (imagesIn(message)[0]?.slack_file ?? {}) as { id?: string };
  return new TextDecoder().decode(slack.file(id)?.bytes);
}

export const isRunning = (message: Message) =>
  pressesIn(message).some((id) => id.startsWith('cancel~'));
export const isResult = (message: Message) =>
  pressesIn(message).some((id) => id.startsWith('original~'));
/** Whether it is neither progress nor a member's. */
export const isOver = (message: Message) =>
  message.bot_id !== undefined && !isRunning(message) && !textIn(message).includes('▱');

/** Messages that a member can see, and that were not there before. */
export function watcher(slack: Slack, user: Member) {
  const all = () => [
    ...Object.values(
      (user.teamId === slack.home.teamId ? slack.home : slack.away).channels,
    ).flatMap((channel) => slack.messages(channel)),
    ...slack.dms(user),
    ...slack.ephemerals(user),
  ];
  const keyOf = ({ channel, ts }: Message) => `${channel}/${ts}`;
  const before = new Set(all().map(keyOf));
  const fresh = () =>
    all().filter((message) => message.bot_id !== undefined && !before.has(keyOf(message)));
  const next = (look: (message: Message) => boolean = isOver, what = 'A message') =>
    slack.until(() => fresh().find(look), what, long);
  return {
    fresh,
    next,
    result: () => next(isResult, 'A result'),
    running: () => next(isRunning, 'Progress'),
    said: (pattern: RegExp) => next((message) => pattern.test(textIn(message)), `${pattern}`),
  };
}

/** Waits for the result of an analogy that is asked for here. */
export async function made(
  slack: Slack,
  user: Member,
  options: Parameters<typeof analogy>[2] = {},
): Promise<Message> {
  const watched = watcher(slack, user);
  await analogy(slack, user, options);
  return watched.result();
}

/** File inputs of a dialog. */
export const filesIn = (view: View) =>
  view.blocks.filter(({ element }) => (element as JsonObject | undefined)?.type === 'file_input');

/**
 * Presses, fills in what is asked (with the analogy `glasses` where there is one to name), and waits
 * for what comes of it.
 */
export async function pressed(
  { slack, commands }: Pick<Stage, 'slack' | 'commands'>,
  user: Member,
  message: Message,
  id: string,
): Promise<Message> {
  const watched = watcher(slack, user);
  const act = pressId(slack, user, message, id);
  const { status } = await act.acked(long);
  if (status !== 200) throw new Error(`${id} was answered with ${status}`);
  if (commands.asks(id, 'en').length === 0) return watched.next();
  const view = await act.view(long);
  const names = view.blocks.map(({ block_id }) => block_id);
  const values: Record<string, Value> = {};
  if (names.includes('name')) values.name = `n${slack.requests.length}`;
  if (names.includes('analogy')) {
    await slack.suggest(user, view, 'value', 'gl').acked(long);
    values.analogy = 'glasses';
  }
  const files: Files = filesIn(view).length > 0 ? { picture: [picture('d')] } : {};
  await slack.submit(user, view, values, files).acked(long);
  return watched.next();
}

/** Names the analogy of a result, by its button. */
export async function named(slack: Slack, user: Member, message: Message, name: string) {
  const view = await press(slack, user, message, 'name').view(long);
  const watched = watcher(slack, user);
  await slack.submit(user, view, { name }).acked(long);
  return watched.said(new RegExp(name));
}
