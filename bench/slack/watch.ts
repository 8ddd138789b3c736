/** Watches what becomes of each interaction. */
import type {
  Ack,
  Act,
  JsonObject,
  Member,
  Message,
  RecordedRequest,
  Slack,
  View,
} from '../../test/bots/slack/twin/shapes.ts';
import { isProgress, jobsIn, outcomeOf } from './messages.ts';
import type { Said } from './said.ts';
import type { Done } from './tally.ts';

/** Milliseconds between two looks. */
const interval = 100;
/** Milliseconds for which it may take to know what a message answers. */
const patience = 60_000;

const posting = new Set(['chat.postMessage', 'chat.postEphemeral']);

export interface Watched {
  readonly act: Act;
  readonly kind: string;
  readonly user: Member;
  readonly sentAt: number;
  /** What it was done on, as it was. */
  readonly source: Message | View | undefined;
  ack?: Ack;
  /** A dialog that it opened. */
  view?: View;
  /** Messages that answered it: `channel/ts`. */
  readonly messages: Set<string>;
  /** What the command said last. */
  said?: Said;
  answered?: number;
  outcome?: string;
  /** Why it was not acknowledged. */
  failed?: string;
}

export interface Watch {
  add(kind: string, user: Member, act: Act, source?: Message | View): Watched;
  readonly all: readonly Watched[];
  /** What a command said of an interaction. */
  hear(said: Said): void;
  /** How many are not answered yet. */
  open(): number;
  isBusy(user: Member): boolean;
  /** How many messages answered nothing that is known. */
  strays(): number;
  done(): Done[];
  stop(): void;
}

/** @param onAnswer told of each that was answered */
export function startWatch(slack: Slack, onAnswer: (watched: Watched) => void): Watch {
  const all: Watched[] = [];
  const open = new Set<Watched>();
  const byTrigger = new Map<string, Watched>();
  const byJob = new Map<string, Watched>();
  /** Requests whose interaction is not known yet. */
  let waiting: RecordedRequest[] = [];
  /** When somebody's Home tab was drawn last. */
  const homes = new Map<string, number>();
  let looked = slack.requests.length;
  let sent: RecordedRequest[] = [];
  let strays = 0;

  /** What a message answers: by its job, by whom it is for, else by what has been said there. */
  const answeredBy = (request: RecordedRequest): Watched | undefined => {
    const { method, body, response, at } = request;
    const channel = String(response?.channel ?? body.channel);
    // As it is now: before its pictures are read, it says of no job.
    const now = slack.message(channel, String(response?.ts));
    const message = now ?? { blocks: (body.blocks ?? []) as JsonObject[] };
    const isOfJob = (outcomeOf(message) ?? 'result') === 'result';
    for (const job of isOfJob ? jobsIn(message) : []) {
      const found = byJob.get(job);
      if (found && (isProgress(message.blocks) || found.said?.kind === 'result')) return found;
    }
    const asked = [...open].filter(({ kind, sentAt }) => kind !== 'stop' && sentAt <= at);
    const isFor = ({ user }: Watched) =>
      method === 'chat.postEphemeral' ? user.id === body.user : slack.dmChannel(user) === channel;
    return (
      asked.find(isFor) ??
      asked.find(
        ({ said, messages, act }) =>
          messages.size + act.replies().length === 0 &&
          said !== undefined &&
          said.kind !== 'progress' &&
          said.kind !== 'result' &&
          (placeOf(act) ?? channel) === channel,
      )
    );
  };
  const attribute = (request: RecordedRequest): boolean => {
    const watched = answeredBy(request);
    const { body, response } = request;
    const ts = response?.ts ?? response?.message_ts;
    watched?.messages.add(`${response?.channel ?? body.channel}/${ts}`);
    return watched !== undefined;
  };
  const look = () => {
    sent.push(...slack.requests.slice(looked));
    looked = slack.requests.length;
    for (const { method, ok, body, at } of sent.filter(({ status }) => status !== 0)) {
      if (ok === true && method === 'views.publish') homes.set(String(body.user_id), at);
    }
    waiting.push(...sent.filter(({ ok, method }) => ok === true && posting.has(method)));
    // What has not been answered yet is looked at the next time.
    sent = sent.filter(({ status }) => status === 0);
    const now = Date.now();
    waiting = waiting.filter((request) => {
      if (attribute(request)) return false;
      if (now - request.at < patience) return true;
      strays++;
      return false;
    });
    for (const watched of open) {
      // Is it there now? Whoever waits longer keeps the bench from ending.
      watched.act.view(1).then(
        (view) => {
          watched.view = view;
        },
        () => {},
      );
      const outcome = outcomeNow(slack, watched, homes);
      if (outcome === undefined) continue;
      open.delete(watched);
      watched.answered = Date.now() - watched.sentAt;
      watched.outcome = outcome;
      onAnswer(watched);
    }
  };
  const timer = setInterval(look, interval);
  return {
    all,
    add(kind, user, act, source) {
      const sentAt = Date.now();
      const watched: Watched = { act, kind, user, sentAt, source, messages: new Set() };
      all.push(watched);
      open.add(watched);
      if (act.triggerId !== undefined) byTrigger.set(act.triggerId, watched);
      // What never comes is counted.
      const none = (error: unknown) => {
        watched.failed = String(error);
      };
      act.acked(60_000).then((ack) => {
        watched.ack = ack;
      }, none);
      return watched;
    },
    hear(said) {
      const watched = byTrigger.get(said.interaction);
      if (!watched) return;
      watched.said = said;
      if (said.job !== undefined) byJob.set(said.job, watched);
    },
    open: () => open.size,
    strays: () => strays + waiting.length,
    isBusy: (user) => [...open].some((one) => one.user.id === user.id),
    done() {
      look();
      return all.map(({ act, kind, ack, answered, outcome, messages }) => ({
        kind,
        acknowledged: ack !== undefined && ack.status < 300 ? ack.after : undefined,
        answered,
        outcome,
        messages: messages.size + act.replies().length,
      }));
    },
    stop: () => clearInterval(timer),
  };
}

/** What the last answer was, once it is there. */
function outcomeNow(
  slack: Slack,
  watched: Watched,
  homes: ReadonlyMap<string, number>,
): string | undefined {
  const { ack, act, kind, messages, said, sentAt, source, user, view } = watched;
  if (!ack) return undefined;
  if (view) return 'dialog';
  const body = (ack.body ?? {}) as { response_action?: string; options?: unknown };
  if (body.response_action === 'errors') return 'corrected';
  if (body.options !== undefined) return 'choices';
  const [reply] = act.replies();
  if (reply) return outcomeOf(reply);
  for (const key of messages) {
    const [channel = '', ts = ''] = key.split('/');
    const message = slack.message(channel, ts);
    return message ? outcomeOf(message) : 'removed';
  }
  if (said?.isReplaced) return 'replaced';
  const isHome = kind === 'home' || (source !== undefined && 'id' in source && kind === 'inHome');
  // A press there draws it anew once it has been answered, and where nothing else answers it.
  if (isHome && (homes.get(user.id) ?? 0) >= sentAt) return 'home';
  return source && isChanged(slack, source, watched) ? 'changed' : undefined;
}

/** Whether what was pressed has changed for that. */
function isChanged(slack: Slack, source: Message | View, { kind, user }: Watched): boolean {
  if ('id' in source) {
    const [top] = slack.openViews(user).slice(-1);
    return kind === 'pair' && top?.id === source.id && top.hash !== source.hash;
  }
  const now = slack.message(source.channel, source.ts);
  if (kind === 'remove') return now === undefined;
  if (kind === 'stop') return !now || !isProgress(now.blocks);
  // What only one sees is answered in its place.
  return source.ephemeralTo !== undefined && now !== undefined && now.blocks !== source.blocks;
}

/** The channel where something was done, and so where it is answered. */
function placeOf({ payload }: Act): string | undefined {
  const {
    channel,
    channel_id: id,
    view,
  } = payload as {
    channel?: { id: string };
    channel_id?: string;
    view?: { private_metadata?: string };
  };
  const kept = view?.private_metadata ? JSON.parse(view.private_metadata) : {};
  return channel?.id ?? id ?? (kept as { channel?: string }).channel;
}
