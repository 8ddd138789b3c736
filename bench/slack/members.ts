/** Members and what they do, drawn from a seed; what they can press depends on what came back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/engine/inversion/index.ts';
import type { Member, Message, Place, Slack, View } from '../../test/bots/slack/twin/shapes.ts';
import { pictureOf } from '../common/chat/pictures.ts';
import { askedList, fillIn, type Hand } from './dialogs.ts';
import { actionOf, type Control, controlsOf, isProgress } from './messages.ts';
import { type Kind, shares } from './shares.ts';
import type { Watch, Watched } from './watch.ts';

/** Messages that are looked at still: the latest. */
const mostMessages = 60;
/** Milliseconds that somebody takes to fill in a dialog, and to choose from a list. */
const [thinking, choosing] = [4000, 1000];
const refining = ['weaker', 'stronger', 'finer', 'less', 'more'];
const redrawing = ['table', 'reverse', 'animate'];
const looking = ['back', 'undo', 'original'];
const asking = ['name', 'apply', 'combine'];
const listing = ['show', 'library', 'use', 'export', 'keep', 'forgetyes', 'deleteyes'];

/** A dialog that somebody has before them. */
interface Dialog {
  readonly due: number;
  readonly user: Member;
  readonly view: View;
  /** Where it came from. */
  readonly source: Watched['source'];
  /** What its list offered, once it was opened. */
  readonly offered?: readonly string[];
  /** Whether further pairs were thought of. */
  readonly isPaired?: boolean;
}

interface Shown {
  readonly channel: string;
  readonly ts: string;
  /** Who alone sees it. */
  readonly only: Member | undefined;
}

export function createMembers(slack: Slack, { seed }: { readonly seed: number }) {
  const random = createRandom(seed, 'slack', 0);
  const people = slack.crowd;
  const { general, other } = slack.channels;
  const names: string[] = [];
  const shown: Shown[] = [];
  const dialogs: Dialog[] = [];
  /** Of a dialog that was sent: the name that was given there. */
  const naming = new Map<Watched, string>();
  const sources = new Map<Watched, Dialog>();
  let pictures = 0;

  const hand: Hand = {
    newName: () => `likeness ${names.length + 1} of ${Math.floor(random.uniform() * 1e6)}`,
    newPicture: () => pictureOf(++pictures),
    oneOf: (items) => items[Math.floor(random.uniform() * items.length)],
    chance: (share) => random.uniform() < share,
  };
  const { oneOf, chance } = hand;
  const place = (): Place =>
    chance(0.2) ? { channelId: other } : chance(0.1) ? { dm: true } : { channelId: general };
  /** Whoever waits for nothing, and has no dialog open: what comes is known to be theirs. */
  const isFree = (watch: Watch, user: Member) =>
    !watch.isBusy(user) && !dialogs.some((dialog) => dialog.user.id === user.id);
  const someone = (watch: Watch) => oneOf(people.filter((user) => isFree(watch, user)));

  /** A message on which something is found, and who acts there. */
  const find = <Found>(watch: Watch, look: (message: Message) => readonly Found[]) => {
    const start = Math.floor(random.uniform() * shown.length);
    for (const { channel, ts, only } of [...shown.slice(start), ...shown.slice(0, start)]) {
      const message = slack.message(channel, ts);
      const found = message && oneOf(look(message));
      const user = only ?? someone(watch);
      if (message && found !== undefined && user && isFree(watch, user)) {
        return { message, found, user };
      }
    }
    return undefined;
  };
  const use = (user: Member, on: Message | View, { type, actionId, value }: Control) =>
    type === 'button'
      ? slack.press(user, on, actionId, value)
      : slack.select(user, on, actionId, value);
  const press = (watch: Watch, kind: string, fits: (control: Control) => boolean): boolean => {
    const at = find(watch, (message) => controlsOf(message).filter(fits));
    if (!at) return false;
    watch.add(kind, at.user, use(at.user, at.message, at.found), at.message);
    return true;
  };
  const does = (actions: readonly string[]) => (control: Control) =>
    actions.includes(actionOf(control));
  const slash = (watch: Watch, kind: string, text = '', user = someone(watch)): boolean => {
    if (!user || !isFree(watch, user)) return false;
    watch.add(kind, user, slack.slash(user, '/analogy', text, place()));
    return true;
  };
  const hasApply = (message: Message) =>
    message.ephemeralTo === undefined && controlsOf(message).some(does(['apply'])) ? [message] : [];

  const acts: Record<Kind, (watch: Watch) => boolean | Promise<boolean>> = {
    analogy: (watch) => slash(watch, 'analogy'),
    apply(watch) {
      const name = oneOf(names);
      return name !== undefined && slash(watch, 'apply', `apply ${name}`);
    },
    begin(watch) {
      const user = someone(watch);
      if (user) watch.add('begin', user, slack.globalShortcut(user, 'new_analogy'));
      return user !== undefined;
    },
    again(watch) {
      const at = find(watch, hasApply);
      if (!at) return false;
      const act = slack.messageShortcut(at.user, 'apply_analogy', at.message);
      watch.add('again', at.user, act, at.message);
      return true;
    },
    async use(watch) {
      const user = someone(watch);
      if (!user) return false;
      const files = [];
      for (let n = 0; n < 3; n++) files.push(await hand.newPicture());
      const message = await slack.post(user, 'like these', files, { channelId: general });
      watch.add('use', user, slack.messageShortcut(user, 'use_pictures', message));
      return true;
    },
    pick: (watch) => press(watch, 'pick', (one) => one.type !== 'list' && actionOf(one) === 'pick'),
    refine: (watch) => press(watch, 'refine', does(refining)),
    redraw: (watch) => press(watch, 'redraw', does(redrawing)),
    look: (watch) => press(watch, 'look', does(looking)),
    ask: (watch) => press(watch, 'ask', does(asking)),
    choose: (watch) =>
      press(watch, 'choose', (one) => one.type === 'list' && actionOf(one) === 'pick'),
    library: (watch) => slash(watch, 'library', 'library'),
    listed: (watch) => press(watch, 'listed', does(listing)),
    queue: (watch) => slash(watch, 'queue', 'queue'),
    cancel: (watch) => slash(watch, 'cancel', 'cancel'),
    stop(watch) {
      for (const { answered, messages, user } of watch.all.toReversed()) {
        const [channel = '', ts = ''] = [...messages][0]?.split('/') ?? [];
        const message = answered === undefined ? slack.message(channel, ts) : undefined;
        if (!message || !isProgress(message.blocks)) continue;
        const button = controlsOf(message).find(does(['cancel']));
        if (!button) continue;
        watch.add('stop', user, use(user, message, button), message);
        return true;
      }
      return false;
    },
    remove: (watch) => press(watch, 'remove', does(['s.remove'])),
    help: (watch) => slash(watch, 'help', 'help'),
    home(watch) {
      const user = someone(watch);
      if (user) watch.add('home', user, slack.openHome(user));
      return user !== undefined;
    },
    inHome(watch) {
      const user = oneOf(people.filter((one) => slack.homeOf(one) && isFree(watch, one)));
      const view = user && slack.homeOf(user);
      const button =
        view && oneOf(controlsOf(view).filter(({ value }) => value.startsWith('home:')));
      if (!user || !view || !button) return false;
      watch.add('inHome', user, use(user, view, button), view);
      return true;
    },
    settings: (watch) => slash(watch, 'settings', 'settings', slack.users.admin),
    forget: (watch) => slash(watch, 'forget', 'forget'),
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

  /** Goes on with a dialog. @returns whether that was an interaction */
  const goOn = async (watch: Watch, dialog: Dialog): Promise<boolean> => {
    const { user, source, offered } = dialog;
    const view = slack.openViews(user).at(-1);
    if (!view) return false;
    const add = (kind: string, act: Watched['act'], more: Partial<Dialog> = {}) => {
      const watched = watch.add(kind, user, act, kind === 'dialog' ? source : view);
      sources.set(watched, { ...dialog, view, ...more });
      return true;
    };
    const pair = controlsOf(view).find(({ actionId }) => actionId === 'pair:add');
    if (pair && !dialog.isPaired && chance(0.125)) {
      return add('pair', use(user, view, pair), { isPaired: true });
    }
    const list = askedList(view);
    if (list && !offered && (list.isWanted || chance(0.3))) {
      const typed = chance(0.5) ? '' : 'like';
      const isPaired = { isPaired: true };
      return add(
        'list',
        slack.suggest(user, view, String(list.element.action_id), typed),
        isPaired,
      );
    }
    const chosen = offered && oneOf(offered);
    if (list?.isWanted && chosen === undefined) {
      slack.dismiss(user, view);
      return false;
    }
    const { values, files, name } = await fillIn(view, hand, chosen, [general, other]);
    const act = slack.submit(user, view, values, files);
    const sent = watch.add('dialog', user, act, undefined);
    sources.set(sent, dialog);
    if (name !== undefined) naming.set(sent, name);
    return true;
  };

  return {
    /** One interaction. */
    async act(watch: Watch): Promise<void> {
      for (let tries = 1; ; tries++) {
        // Where all are busy, something has to come first.
        if (tries % 50 === 0) await sleep(50);
        const at = dialogs.findIndex(({ due }) => due <= Date.now());
        const [due] = at === -1 ? [] : dialogs.splice(at, 1);
        if (due ? await goOn(watch, due) : await acts[draw()](watch)) return;
      }
    },
    /** What came back can be pressed from now on. */
    onAnswer(watched: Watched): void {
      const { outcome, user, act, view, source, messages, ack, kind } = watched;
      const before = sources.get(watched);
      sources.delete(watched);
      const later = (ms: number) => Date.now() + ms;
      if (outcome === 'dialog' && view) dialogs.push({ due: later(thinking), user, view, source });
      if (outcome === 'corrected' && before) slack.dismiss(user, before.view);
      if (before && kind === 'pair') dialogs.push({ ...before, due: later(choosing) });
      if (before && kind === 'list') {
        const { options = [] } = (ack?.body ?? {}) as { options?: { value: string }[] };
        const offered = options.map(({ value }) => value);
        dialogs.push({ ...before, due: later(choosing), offered });
      }
      const name = naming.get(watched);
      if (name !== undefined && outcome === 'message') names.push(name);
      if (outcome !== 'result' && outcome !== 'message') return;
      const [key] = messages;
      const [channel = '', ts = ''] = key?.split('/') ?? [];
      const message = act.replies()[0] ?? slack.message(channel, ts);
      if (!message || controlsOf(message).length === 0) return;
      const isAlone = message.ephemeralTo !== undefined || message.channel.startsWith('D');
      shown.push({ channel: message.channel, ts: message.ts, only: isAlone ? user : undefined });
      if (shown.length > mostMessages) shown.shift();
    },
  };
}
