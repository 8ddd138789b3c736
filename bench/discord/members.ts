/** Members and what they do, drawn from a seed; what they can press depends on what came back. */
import type { APIMessage } from 'discord.js';
import { createRandom } from '../../src/engine/inversion/index.ts';
import type { Discord, Person, SlashPlace, Upload } from '../../test/bots/discord/twin/shapes.ts';
import { pictureOf } from '../common/chat/pictures.ts';
import { fillIn, type Hand } from './dialogs.ts';
import { actionsOf, controlsOf } from './messages.ts';
import { type Kind, shares } from './shares.ts';
import { isProgress } from './tally.ts';
import type { Watch, Watched } from './watch.ts';

/** Messages that are looked at still: the latest. */
const mostMessages = 60;
/** Milliseconds that somebody takes to fill in a dialog. */
const thinking = 4000;
const EPHEMERAL = 1 << 6;
const refining = ['weaker', 'stronger', 'finer', 'less', 'more'];
const redrawing = ['table', 'reverse', 'animate'];
const looking = ['back', 'undo', 'original'];
const asking = ['name', 'apply', 'combine'];
const listing = ['show', 'library', 'use', 'export', 'keep', 'forgetyes', 'deleteyes'];

interface Shown {
  readonly id: string;
  /** Who alone sees it. */
  readonly only: Person | undefined;
}

export function createMembers(
  discord: Discord,
  { members, seed }: { readonly members: number; readonly seed: number },
) {
  const random = createRandom(seed, 'discord', 0);
  const people = Array.from({ length: members }, (_, n) => discord.join(`member${n + 1}`));
  const names: string[] = [];
  const shown: Shown[] = [];
  const dialogs: { due: number; by: Watched }[] = [];
  let pictures = 0;

  const hand: Hand = {
    newName: () => `likeness ${names.length + 1} of ${Math.floor(random.uniform() * 1e6)}`,
    knownName: () => hand.oneOf(names),
    newPicture: () => pictureOf(++pictures),
    oneOf: (items) => items[Math.floor(random.uniform() * items.length)],
  };
  const { oneOf } = hand;
  const someone = () => oneOf(people) as Person;
  const chance = (share: number) => random.uniform() < share;
  const pictured = async (...options: string[]) => {
    const attachments: Record<string, Upload> = {};
    for (const name of options) attachments[name] = await hand.newPicture();
    return attachments;
  };
  const place = (): SlashPlace => {
    const locale = oneOf(['en-US', 'en-US', 'en-GB', 'de', 'ja']) ?? 'en-US';
    return { locale, ...(chance(0.2) && { channelId: discord.otherChannelId }) };
  };
  const wishes = () => ({
    ...(chance(0.15) && { private: true }),
    ...(chance(0.05) && { spoiler: true }),
  });
  /** A message on which something is found, and who presses there. */
  const find = <Found>(look: (message: APIMessage) => readonly Found[]) => {
    const start = Math.floor(random.uniform() * shown.length);
    for (const { id, only } of [...shown.slice(start), ...shown.slice(0, start)]) {
      const message = discord.message(id);
      const found = message && oneOf(look(message));
      if (message && found !== undefined) return { message, found, user: only ?? someone() };
    }
    return undefined;
  };
  const buttons =
    (actions: readonly string[]) =>
    (message: APIMessage): string[] => {
      const there = actionsOf(message);
      return actions.flatMap((action) => there.get(action) ?? []);
    };
  const press = (watch: Watch, kind: string, actions: readonly string[]): boolean => {
    const at = find(buttons(actions));
    if (!at) return false;
    watch.add(kind, at.user, discord.press(at.user, at.message, at.found, place()), at.message);
    return true;
  };
  const slash = (watch: Watch, kind: string, name: string, options = {}, more: SlashPlace = {}) => {
    const user = kind === 'settings' ? discord.users.admin : someone();
    watch.add(kind, user, discord.slash(user, name, options, { ...place(), ...more }));
    return true;
  };

  const acts: Record<Kind, (watch: Watch) => boolean | Promise<boolean>> = {
    async analogy(watch) {
      const attachments = await pictured('a', 'a2', 'b');
      const options = { ...wishes(), ...(chance(0.125) && { pairs: true }) };
      return slash(watch, 'analogy', 'analogy', options, { attachments });
    },
    async apply(watch) {
      const analogy = oneOf(names);
      if (analogy === undefined) return false;
      const attachments = await pictured('image');
      return slash(watch, 'apply', 'apply', { analogy, ...wishes() }, { attachments });
    },
    pick: (watch) => press(watch, 'pick', ['pick']),
    refine: (watch) => press(watch, 'refine', refining),
    redraw: (watch) => press(watch, 'redraw', redrawing),
    look: (watch) => press(watch, 'look', looking),
    ask: (watch) => press(watch, 'ask', asking),
    choose(watch) {
      const at = find(({ components }) => controlsOf(components).filter(({ type }) => type === 3));
      const option = at && oneOf(at.found.options ?? []);
      if (!at || !option) return false;
      const { message, user, found } = at;
      const act = discord.select(user, message, found.custom_id, [option.value], place());
      watch.add('choose', user, act, message);
      return true;
    },
    menu(watch) {
      const at = find((message) => (actionsOf(message).has('apply') ? [message] : []));
      const name = oneOf(['Apply this analogy', 'Use as B', "Use as A and A'"]);
      if (!at || name === undefined) return false;
      watch.add('menu', at.user, discord.messageCommand(at.user, name, at.message, place()));
      return true;
    },
    complete(watch) {
      const user = someone();
      const [command, option] = chance(0.7) ? ['apply', 'analogy'] : ['cancel', 'job'];
      const focused = { option, value: chance(0.5) ? '' : 'like' };
      watch.add('complete', user, discord.autocomplete(user, command, focused, {}, place()));
      return true;
    },
    library: (watch) => slash(watch, 'library', 'library', {}, { subcommand: 'list' }),
    listed: (watch) => press(watch, 'listed', listing),
    exported(watch) {
      const analogy = oneOf(names);
      if (analogy === undefined) return false;
      return slash(watch, 'exported', 'library', { analogy }, { subcommand: 'export' });
    },
    queue: (watch) => slash(watch, 'queue', 'queue'),
    cancel: (watch) => slash(watch, 'cancel', 'cancel'),
    stop(watch) {
      const at = watch.all.findLast(
        ({ answered, act }) => answered === undefined && isProgress(act.reply()?.components),
      );
      const message = at?.act.reply();
      const [id] = message ? buttons(['cancel'])(message) : [];
      if (!at || !message || id === undefined) return false;
      watch.add('stop', at.user, discord.press(at.user, message, id, place()), message);
      return true;
    },
    remove: (watch) => press(watch, 'remove', ['d.remove']),
    help: (watch) => slash(watch, 'help', 'help'),
    settings: (watch) => slash(watch, 'settings', 'settings'),
    forget: (watch) => slash(watch, 'forget', 'forget-me'),
  };

  const kinds = Object.entries(shares) as [Kind, number][];
  const all = kinds.reduce((sum, [, share]) => sum + share, 0);
  const draw = (): Kind => {
    let left = random.uniform() * all;
    for (const [kind, share] of kinds) {
      left -= share;
      if (left < 0) return kind;
    }
    return 'queue';
  };
  /** Sends what somebody has filled in. */
  const send = async (watch: Watch, { callback, user, source }: Watched): Promise<void> => {
    if (!callback) return;
    const { fields, files, name } = await fillIn(callback.data, hand);
    const act = discord.submit(user, String(callback.data.custom_id), fields, files, place());
    const sent = watch.add('dialog', user, act, source);
    if (name !== undefined) naming.set(sent, name);
  };
  const naming = new Map<Watched, string>();

  return {
    /** One interaction. */
    async act(watch: Watch): Promise<void> {
      const at = dialogs.findIndex(({ due }) => due <= Date.now());
      const [due] = at === -1 ? [] : dialogs.splice(at, 1);
      if (due) return send(watch, due.by);
      for (;;) if (await acts[draw()](watch)) return;
    },
    /** What came back can be pressed from now on. */
    onAnswer(watched: Watched): void {
      const { outcome, user, act } = watched;
      if (outcome === 'dialog') dialogs.push({ due: Date.now() + thinking, by: watched });
      const name = naming.get(watched);
      if (name !== undefined && outcome === 'message') names.push(name);
      const reply = outcome === 'result' || outcome === 'message' ? act.reply() : undefined;
      if (!reply || controlsOf(reply.components).length === 0) return;
      const isPrivate = ((reply.flags ?? 0) & EPHEMERAL) !== 0;
      shown.push({ id: reply.id, only: isPrivate ? user : undefined });
      if (shown.length > mostMessages) shown.shift();
    },
  };
}

export type Members = ReturnType<typeof createMembers>;
