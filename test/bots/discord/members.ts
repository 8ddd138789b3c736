import type { APIMessage } from 'discord.js';
import type { Act, Discord, Options, Person, SlashPlace, Upload } from './twin/shapes.ts';

/** What members send and see, for tests that look at it from their side. */

const LOADING = 1 << 7;
const EPHEMERAL = 1 << 6;
const SPOILER = '"spoiler":true';

/** A picture that the engine of the tests takes. */
export function picture(text: string, name = 'cat.png'): Upload {
  return { name, bytes: new TextEncoder().encode(`picture ${text}`) };
}

export const three = { a: picture('a'), a2: picture('a2'), b: picture('b') };

/** `/analogy` with three pictures. */
export function analogy(
  discord: Discord,
  user: Person,
  options: Options = {},
  place: SlashPlace = {},
): Act {
  return discord.slash(user, 'analogy', options, { attachments: three, ...place });
}

interface Component {
  readonly type: number;
  readonly custom_id?: string;
  readonly label?: string;
  readonly content?: string;
  readonly placeholder?: string;
  readonly components?: readonly Component[];
  readonly options?: readonly { readonly label: string; readonly value: string }[];
  readonly items?: readonly {
    readonly media: { readonly url: string };
    readonly description?: string;
    readonly spoiler?: boolean;
  }[];
}

function all(components: readonly Component[] = []): Component[] {
  return components.flatMap((each) => [each, ...all(each.components)]);
}

const partsOf = (message: APIMessage | undefined) =>
  all((message?.components ?? []) as unknown as readonly Component[]);

export function textIn(message: APIMessage | undefined): string {
  return partsOf(message)
    .flatMap(({ content }) => content ?? [])
    .join('\n');
}

export function buttonsIn(message: APIMessage | undefined): string[] {
  return partsOf(message).flatMap(({ type, custom_id: id }) => (type === 2 && id ? [id] : []));
}

export function labelsIn(message: APIMessage | undefined): string[] {
  return partsOf(message).flatMap(({ type, label }) => (type === 2 && label ? [label] : []));
}

export function selectsIn(message: APIMessage | undefined): Component[] {
  return partsOf(message).filter(({ type }) => type === 3);
}

export function galleryIn(message: APIMessage | undefined) {
  return partsOf(message).flatMap(({ items }) => items ?? []);
}

/** Of a button that does it. */
export function buttonFor(message: APIMessage | undefined, action: string): string {
  const found = buttonsIn(message).find((id) => id === action || id.startsWith(`${action}~`));
  if (found === undefined) throw new Error(`there is no ${action}: ${buttonsIn(message)}`);
  return found;
}

/** The values of the list with these words. */
export function choicesFor(message: APIMessage, words: string) {
  const select = selectsIn(message).find(({ placeholder }) => placeholder === words);
  if (!select?.options) throw new Error(`there is no list ${words}`);
  return { id: String(select.custom_id), options: select.options };
}

export const isEphemeral = ({ flags }: APIMessage) => (Number(flags) & EPHEMERAL) !== 0;
export const isSpoiler = (message: APIMessage) =>
  JSON.stringify(message.components).includes(SPOILER);

/** Whether it is over: neither "… is thinking" nor progress. */
export function isOver(message: APIMessage): boolean {
  const isLoading = (Number(message.flags) & LOADING) !== 0;
  return !isLoading && !buttonsIn(message).some((id) => id.startsWith('cancel~'));
}

export function isRunning(message: APIMessage): boolean {
  return buttonsIn(message).some((id) => id.startsWith('cancel~'));
}

export function isResult(message: APIMessage): boolean {
  return buttonsIn(message).some((id) => id.startsWith('original~'));
}

export const long = 50_000;

export const overOf = (act: Act): Promise<APIMessage> => act.until(isOver, long);
export const resultOf = (act: Act): Promise<APIMessage> => act.until(isResult, long);
/** Once it tells of a job that waits, or is under way. */
export const runningOf = (act: Act): Promise<APIMessage> => act.until(isRunning, long);
/** The code of the problem that is shown. */
export async function codeOf(act: Act): Promise<string | undefined> {
  return /Code: `(\w+)`/.exec(textIn(await overOf(act)))?.[1];
}

/** Waits for what comes by itself. */
export async function eventually<Value>(look: () => Value | undefined | false): Promise<Value> {
  for (let i = 0; i < 3000; i++) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('what was waited for did not come');
}
