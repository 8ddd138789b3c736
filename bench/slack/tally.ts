/** What became of all that members did, from what they saw and what the bot asked of Slack. */
import type { RecordedRequest } from '../../test/bots/slack/twin/shapes.ts';
import { round, summary } from '../common/summary.ts';
import { isProgress } from './messages.ts';

/** Something that a member did. */
export interface Done {
  /** e.g. `analogy`, `press`. */
  readonly kind: string;
  /** Milliseconds until it was acknowledged; undefined where it never was. */
  readonly acknowledged: number | undefined;
  /** Milliseconds until the last answer, which is no progress; undefined where there was none. */
  readonly answered: number | undefined;
  /** What the last answer was. */
  readonly outcome: string | undefined;
  /** Messages that answered it. */
  readonly messages: number;
}

/** Slack waits for so long, in milliseconds. */
const patience = 3000;

export type Request = Pick<
  RecordedRequest,
  'method' | 'body' | 'at' | 'status' | 'ok' | 'error' | 'response'
>;

/** @param seconds for which the bot was used */
export function tallyOf(done: readonly Done[], requests: readonly Request[], seconds: number) {
  const acknowledged = done.flatMap(({ acknowledged: ms }) => (ms === undefined ? [] : [ms]));
  const { lateEdits, ...edits } = editsOf(requests);
  return {
    interactions: done.length,
    kinds: counted(done.map(({ kind }) => kind)),
    acknowledgedMs: summary(acknowledged),
    unacknowledged: done.filter(({ acknowledged: ms = Infinity }) => ms > patience).length,
    answeredMs: summary(done.flatMap(({ answered }) => (answered === undefined ? [] : [answered]))),
    unanswered: done.filter(({ answered }) => answered === undefined).length,
    outcomes: counted(done.map(({ outcome = 'none' }) => outcome)),
    doubles: done.filter(({ messages }) => messages > 1).length,
    lateEdits,
    edits,
    messages: messagesOf(requests, seconds),
    requests: {
      count: requests.length,
      perSecond: Number((requests.length / seconds).toFixed(2)),
      busiestSecond: busiest(requests.map(({ at }) => at)),
      seconds: round(seconds),
      refused: counted(
        requests
          .filter(({ ok }) => ok !== true)
          .map(({ method, error, status }) => `${method} ${error ?? status}`),
      ),
    },
  };
}

/**
 * Of messages that are changed: the least time between two edits of one, and between two that tell of
 * progress; `lateEdits` told of progress after the last answer.
 */
function editsOf(requests: readonly Request[]) {
  const last = new Map<string, { at: number; progress?: number; isOver: boolean }>();
  const between: number[] = [];
  const paces: number[] = [];
  let [count, lateEdits] = [0, 0];
  for (const { method, body, at, ok, response } of requests) {
    if (ok !== true) continue;
    const isEdit = method === 'chat.update';
    if (!isEdit && method !== 'chat.postMessage') continue;
    const where = isEdit ? body : { ...body, ...response };
    const key = `${where.channel}/${where.ts}`;
    const before = last.get(key);
    const shows = isProgress(body.blocks);
    last.set(key, {
      at,
      ...(shows
        ? { progress: at }
        : before?.progress !== undefined && { progress: before.progress }),
      isOver: !shows,
    });
    if (!isEdit) continue;
    count++;
    if (before) between.push(at - before.at);
    if (shows && before?.progress !== undefined) paces.push(at - before.progress);
    if (shows && before?.isOver) lateEdits++;
  }
  return {
    count,
    leastMs: least(between),
    progressLeastMs: least(paces),
    lateEdits,
  };
}

/** Of new messages, in the channel that had most of them: about one a second is what Slack takes. */
function messagesOf(requests: readonly Request[], seconds: number) {
  const byChannel = new Map<string, number[]>();
  for (const { method, body, at, ok, response } of requests) {
    if (method !== 'chat.postMessage' || ok !== true) continue;
    const channel = String(response?.channel ?? body.channel);
    byChannel.set(channel, [...(byChannel.get(channel) ?? []), at]);
  }
  const all = [...byChannel.values()];
  const most = Math.max(0, ...all.map(({ length }) => length));
  const close = all.flatMap((times) =>
    times.filter((at, i) => i > 0 && at - (times[i - 1] ?? 0) < 1000),
  );
  return {
    count: all.flat().length,
    channels: all.length,
    /** Of the busiest channel, over all the time. */
    perSecond: Number((most / seconds).toFixed(2)),
    /** The most in one second, of any channel. */
    busiestSecond: Math.max(0, ...all.map(busiest)),
    /** How many came within a second of the one before. */
    close: close.length,
  };
}

function busiest(times: readonly number[]): number {
  return Math.max(0, ...Object.values(counted(times.map((at) => String(Math.floor(at / 1000))))));
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
