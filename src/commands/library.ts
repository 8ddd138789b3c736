import type { Analogy } from '../engine/protocol.ts';
import type { Action } from './actions.ts';
import { dialogs, fieldsAsked } from './buttons.ts';
import { defineCommand, field, optional, parseFields } from './fields.ts';
import { applyTo } from './make.ts';
import { readAnalogyFile } from './pictures.ts';
import type { Button, Context, ListItem, View } from './port.ts';
import { formatPress } from './press.ts';
import { refuse } from './refuse.ts';
import { ownerOf, type Room } from './room.ts';
import { type Texts, textsFor } from './texts/index.ts';
import { textView } from './views.ts';

/** Items of one message. */
const pageLength = 10;
/** What `Engine.findAnalogies` finds at most. */
const mostFound = 25;
/** UTF-16 units of a search: a name is no longer. */
const longestSearch = 64;
/** Of a search in a button's id. */
const longestPacked = 80;

/** The analogies that have names here. */
export function libraryCommands(
  room: Room,
  actions: Readonly<Record<string, Action>>,
  texts = textsFor('en'),
) {
  const { fields, commands } = texts;
  const analogy = field.analogy(fields.analogy);
  return [
    defineCommand({
      name: 'library',
      description: commands.library,
      specs: { search: optional(field.text(fields.search, longestSearch)) },
      async *run(context, { search }) {
        yield await page(room, context, 0, search);
      },
    }),
    defineCommand({
      name: 'name',
      description: commands.name,
      specs: { ...dialogs.name(texts), job: optional(field.job(fields.job)) },
      async *run(context, { job, ...values }) {
        const name = actions.name as Action;
        yield* name.run(context, { action: 'name', ref: job, numbers: [] }, values);
      },
    }),
    defineCommand({
      name: 'describe',
      description: commands.describe,
      specs: { analogy, description: optional(field.line(fields.description)) },
      async *run(context, { analogy: name, description = '' }) {
        yield await change(room, context, name, { description });
      },
    }),
    defineCommand({
      name: 'rename',
      description: commands.rename,
      specs: { analogy, name: field.name(fields.newName) },
      async *run(context, { analogy: old, name }) {
        yield await change(room, context, old, { name });
      },
    }),
    defineCommand({
      name: 'delete',
      description: commands.delete,
      specs: { analogy },
      async *run(context, { analogy: name }) {
        yield ask(context, await room.engine.analogy(ownerOf(context), { name }));
      },
    }),
    defineCommand({
      name: 'export',
      description: commands.export,
      specs: { analogy },
      async *run(context, { analogy: name }) {
        yield await exported(room, context, await room.engine.analogy(ownerOf(context), { name }));
      },
    }),
    defineCommand({
      name: 'import',
      description: commands.import,
      specs: { file: field.file(fields.file), name: optional(field.name(fields.name)) },
      async *run(context, { file, name: asked }) {
        const owner = ownerOf(context);
        const bytes = await readAnalogyFile(context, file);
        const found = await room.engine.importAnalogy(owner, bytes);
        const name = asked ?? found.name;
        const { privateReplies } = await room.settings.get(context.tenant);
        const words = textsFor(context.locale);
        if (name === undefined)
          throw refuse('INPUT_INVALID', { field: 'name', reason: words.reasons.noName });
        const { analogy, description } = found;
        const more = description === undefined ? {} : { description };
        const saved = await room.engine.saveAnalogy(owner, { analogy, name, ...more });
        yield textView([words.saved(saved.name ?? name)], { private: privateReplies });
      },
    }),
  ];
}

/** What the buttons of a list, and of its questions, do. */
export function libraryActions(room: Room): Record<string, Action> {
  const find = (context: Context, ref = '') =>
    room.engine.analogy(ownerOf(context), { analogy: ref });
  return {
    library: {
      async *run(context, { ref, numbers: [number = 0] }) {
        yield await page(room, context, Math.max(0, Math.floor(number)), unpacked(ref));
      },
    },
    use: {
      async *run(context, { ref }, values) {
        const { picture } = parseFields(dialogs.apply(textsFor(context.locale)), values);
        yield* applyTo(room, context, picture, async () => ({
          id: (await find(context, ref)).analogy,
        }));
      },
    },
    export: {
      async *run(context, { ref }) {
        yield await exported(room, context, await find(context, ref));
      },
    },
    delete: {
      async *run(context, { ref }) {
        yield ask(context, await find(context, ref));
      },
    },
    deleteyes: {
      async *run(context, { ref }) {
        const { analogy, name } = await find(context, ref);
        const { moderator } = context;
        await room.engine.deleteAnalogy(ownerOf(context), { which: { analogy }, moderator });
        const texts = textsFor(context.locale);
        yield textView([texts.deleted(name ?? texts.unnamed)]);
      },
    },
    keep: {
      open: true,
      async *run({ locale }) {
        yield textView([textsFor(locale).nothingChanged]);
      },
    },
  };
}

async function change(
  room: Room,
  context: Context,
  name: string,
  what: { name?: string; description?: string },
): Promise<View> {
  const { moderator } = context;
  const request = { which: { name }, moderator, ...what };
  const changed = await room.engine.changeAnalogy(ownerOf(context), request);
  return textView([textsFor(context.locale).changed(changed.name ?? name)]);
}

function ask(context: Context, { analogy, name }: Analogy): View {
  const texts = textsFor(context.locale);
  const yes: Button = {
    id: formatPress({ action: 'deleteyes', ref: analogy, numbers: [] }),
    label: texts.buttons.deleteYes,
    style: 'danger',
  };
  const text = texts.deleteQuestion(name ?? texts.unnamed);
  return { kind: 'confirm', text, buttons: [[yes, keepButton(texts)]], private: true };
}

export function keepButton(texts: Texts): Button {
  const id = formatPress({ action: 'keep', numbers: [] });
  return { id, label: texts.buttons.keep, style: 'plain' };
}

async function exported(room: Room, context: Context, found: Analogy): Promise<View> {
  const { analogy, name } = found;
  const texts = textsFor(context.locale);
  const bytes = await room.engine.exportAnalogy(ownerOf(context), analogy);
  const { privateReplies } = await room.settings.get(context.tenant);
  const file = (name ?? 'analogy').replace(/[^\p{L}\p{N}-]+/gu, '_');
  const type = 'application/octet-stream';
  return textView([texts.exported(name ?? texts.unnamed)], {
    files: [{ name: `${file}.safetensors`, type, bytes }],
    private: privateReplies,
  });
}

/** A page of them: all, by name, or those whose names hold a text. */
async function page(room: Room, context: Context, number: number, search?: string): Promise<View> {
  const texts = textsFor(context.locale);
  const { title, shown, hasMore } =
    search === undefined
      ? await listed(room, context, texts, number)
      : await found(room, context, texts, number, search);
  // A search too long for a button finds few: its title says how many more there are.
  const ref = packed(search);
  const more = (): Button => ({
    id: formatPress({ action: 'library', ref, numbers: [number + 1] }),
    label: texts.buttons.later,
    style: 'plain',
  });
  return {
    kind: 'list',
    title,
    empty: texts.libraryEmpty,
    items: shown.map((analogy) => itemOf(texts, analogy)),
    buttons: hasMore && ref.length <= longestPacked ? [[more()]] : [],
    private: true,
  };
}

interface Page {
  readonly title: string;
  readonly shown: readonly Analogy[];
  readonly hasMore: boolean;
}

async function listed(room: Room, context: Context, texts: Texts, number: number): Promise<Page> {
  let shown: readonly Analogy[] = [];
  let next: string | undefined;
  for (let i = 0; i <= number; i++) {
    const options = { limit: pageLength, ...(next !== undefined && { after: next }) };
    const one = await room.engine.listAnalogies(ownerOf(context), options);
    [shown, next] = [one.analogies, one.next];
    if (next === undefined) break;
  }
  return { title: texts.library, shown, hasMore: next !== undefined };
}

/** The engine finds no more than a completion shows; the title says so. */
async function found(
  room: Room,
  context: Context,
  texts: Texts,
  number: number,
  search: string,
): Promise<Page> {
  const all = await room.engine.findAnalogies(ownerOf(context), search);
  const last = Math.max(0, Math.ceil(all.length / pageLength) - 1);
  const from = Math.min(number, last) * pageLength;
  const to = Math.min(from + pageLength, all.length);
  if (all.length === 0) return { title: texts.foundNone(search), shown: [], hasMore: false };
  const range = { from: from + 1, to, of: all.length };
  const isAll = all.length < mostFound;
  const title = texts.found(search, range, !isAll);
  return { title, shown: all.slice(from, to), hasMore: to < all.length };
}

/** A search as the reference of a button: its bytes, in letters and digits. */
function packed(search: string | undefined): string {
  return search === undefined ? '' : Buffer.from(search).toString('base64url');
}

function unpacked(ref: string | undefined): string | undefined {
  return ref === undefined ? undefined : Buffer.from(ref, 'base64url').toString();
}

function itemOf(texts: Texts, { analogy, name, description, owner, createdAt }: Analogy): ListItem {
  const id = (action: string) => formatPress({ action, ref: analogy, numbers: [] });
  const day = new Date(createdAt).toISOString().slice(0, 10);
  const about = texts.savedBy(owner, day);
  return {
    title: name ?? texts.unnamed,
    text: description === undefined ? about : `${description} (${about})`,
    ref: analogy,
    buttons: [
      {
        id: id('use'),
        label: texts.buttons.apply,
        style: 'primary',
        asks: fieldsAsked('use', texts),
      },
      { id: id('export'), label: texts.buttons.export, style: 'plain' },
      { id: id('delete'), label: texts.buttons.delete, style: 'danger' },
    ],
  };
}
