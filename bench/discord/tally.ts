/** What became of all that members did, from what they saw and what the bot asked of Discord. */
import type { RecordedRequest } from '../../test/bots/discord/twin/shapes.ts';
import { round, summary } from '../common/summary.ts';

/** Something that a member did. */
export interface Done {
  readonly id: string;
  readonly token: string;
  /** e.g. `analogy`, `press`. */
  readonly kind: string;
  /** Milliseconds until the first answer; undefined where it was refused or never came. */
  readonly acknowledged: number | undefined;
  /** Milliseconds until the last answer, which is no progress; undefined where there was none. */
  readonly answered: number | undefined;
  /** What the last answer was. */
  readonly outcome: string | undefined;
}

/** As a message of the bot has it around its progress. */
const progressColor = 0x5865f2;
/** Discord waits for so long, in milliseconds. */
const patience = 3000;
/** Progress is told every 4 s; the way to Discord is not always as long. */
const [pace, way] = [4000, 100];

type Request = Pick<RecordedRequest, 'method' | 'path' | 'body' | 'at' | 'status' | 'before'>;

/** Whether components show how far something is. */
export function isProgress(components: unknown): boolean {
  const [first] = (components ?? []) as { type?: number; accent_color?: number }[];
  return first?.type === 17 && first.accent_color === progressColor;
}

/** What a request is about, where it is about an interaction. */
export function aboutOf({ method, path }: Pick<Request, 'method' | 'path'>) {
  const callback = /^\/interactions\/(\d+)\/([^/]+)\/callback$/.exec(path);
  if (callback) return { token: callback[2] ?? '', what: 'callback' as const };
  const webhook = /^\/webhooks\/\d+\/([^/]+)(\/messages\/)?/.exec(path);
  if (!webhook) return undefined;
  const token = webhook[1] ?? '';
  if (method === 'POST') return { token, what: 'message' as const };
  return { token, what: method === 'PATCH' ? ('edit' as const) : ('other' as const) };
}

/** @param seconds for which the bot was used */
export function tallyOf(done: readonly Done[], requests: readonly Request[], seconds: number) {
  const acknowledged = done.flatMap(({ acknowledged: ms }) => (ms === undefined ? [] : [ms]));
  const { doubles, lateEdits } = repliesOf(requests);
  return {
    interactions: done.length,
    kinds: counted(done.map(({ kind }) => kind)),
    acknowledgedMs: summary(acknowledged),
    unacknowledged: done.filter(({ acknowledged: ms = Infinity }) => ms > patience).length,
    answeredMs: summary(done.flatMap(({ answered }) => (answered === undefined ? [] : [answered]))),
    unanswered: done.filter(({ answered }) => answered === undefined).length,
    outcomes: counted(done.map(({ outcome = 'none' }) => outcome)),
    doubles,
    lateEdits,
    progress: progressOf(requests),
    requests: {
      ...rateOf(requests, seconds),
      refused: counted(
        requests
          .filter(({ status }) => status === 0 || status >= 400)
          .map(({ method, status, path }) => `${method} ${path.split('/')[1]} ${status}`),
      ),
    },
  };
}

/**
 * `doubles`: interactions that were acknowledged twice, or answered by more than one message.
 * `lateEdits`: progress that was shown after the last answer.
 */
function repliesOf(requests: readonly Request[]) {
  const seen = new Map<string, { callbacks: number; messages: number; isOver: boolean }>();
  let lateEdits = 0;
  for (const request of requests) {
    const about = aboutOf(request);
    if (!about || request.status >= 300) continue;
    const one = seen.get(about.token) ?? { callbacks: 0, messages: 0, isOver: false };
    seen.set(about.token, one);
    const { type, components } = (request.body ?? {}) as { type?: number; components?: unknown };
    if (about.what === 'callback') {
      one.callbacks++;
      if (type === 4 || type === 5) one.messages++;
    }
    if (about.what === 'message') one.messages++;
    if (about.what !== 'edit') continue;
    if (!isProgress(components)) one.isOver = true;
    else if (one.isOver) lateEdits++;
  }
  const doubles = [...seen.values()].filter(
    ({ callbacks, messages }) => callbacks > 1 || messages > 1,
  ).length;
  return { doubles, lateEdits };
}

/** Edits that tell of progress, and the time between two of one message. */
function progressOf(requests: readonly Request[]) {
  const last = new Map<string, number>();
  const between: number[] = [];
  let edits = 0;
  for (const { method, path, body, at, before } of requests) {
    if (method !== 'PATCH' || !isProgress((body as { components?: unknown })?.components)) continue;
    edits++;
    const message = before?.id ?? path;
    const earlier = last.get(message);
    if (earlier !== undefined) between.push(at - earlier);
    last.set(message, at);
  }
  const leastMs = between.length === 0 ? null : Math.min(...between);
  return { edits, leastMs, hasty: between.filter((ms) => ms < pace - way).length };
}

function rateOf(requests: readonly Request[], seconds: number) {
  const bySecond = counted(requests.map(({ at }) => String(Math.floor(at / 1000))));
  const busiest = Math.max(0, ...Object.values(bySecond));
  const perSecond = Number((requests.length / seconds).toFixed(2));
  return { count: requests.length, perSecond, busiestSecond: busiest, seconds: round(seconds) };
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
