import type { Problem } from '../engine/protocol.ts';
import { commandErrors } from '../errors/commands.ts';
import { errorFrom } from '../errors/data.ts';
import { errors, isLikewiseError, LikewiseError } from '../errors.ts';
import type { Button, Log, ProblemView } from './port.ts';
import type { ErrorText, MemberCode, Texts } from './texts/index.ts';

interface Said {
  readonly sentence: string;
  readonly next: string;
}

export interface ProblemOptions {
  readonly texts: Texts;
  readonly log: Log;
  /** Whether a button of a message led here: what is gone is gone from that message. */
  readonly pressed?: boolean;
  readonly buttons?: readonly (readonly Button[])[];
}

/**
 * An error as a member may read it. What only the operator can mend is said in other words, and
 * logged: the table's text may name paths, addresses and settings. Of an error without a code nothing
 * is told.
 */
export function problemView(error: unknown, options: ProblemOptions): ProblemView {
  const { texts, log, pressed = false, buttons = [] } = options;
  const view = (code: string, { sentence, next }: Said, details: Details = {}): ProblemView => {
    const { retrySeconds } = details;
    const retry = typeof retrySeconds === 'number' ? { retrySeconds } : {};
    return { kind: 'problem', code, sentence, next, ...retry, buttons, private: true };
  };
  if (!isLikewiseError(error)) {
    log({ err: error }, 'a command failed');
    return view('INTERNAL', texts.faults.INTERNAL);
  }
  const { code, details } = error;
  const fault = faultOf(texts, code);
  if (fault) log({ err: error, code }, 'a command met a fault of the engine');
  const other = fault ?? plainer(texts, error, pressed);
  const entry = texts.errors[code as MemberCode] ?? errors[code];
  return view(code, other ?? said(waited(texts, entry, details), worded(texts, details)), details);
}

/** What a job that failed says of it. */
export function errorOf(problem: Problem): Error {
  return errorFrom(problem) ?? new LikewiseError('JOB_FAILED', { reason: problem.code });
}

type Details = Readonly<Record<string, string | number>>;

/** What members can do something about, by the beginnings of the codes. */
const forMembers =
  /^(PICTURE_(?!MISSING)|ANALOGY_|LIMIT_|LIBRARY_|CELLS_|INVERSION_GONE|JOB_(?!FAILED)|FILE_|ENGINE_STOPPING|INTAKE_BUSY)/;

/** What only the operator can mend: every code that is not known to be for members. */
function faultOf({ faults: { ENGINE, SETUP, JOB, FULL } }: Texts, code: string): Said | undefined {
  if (forMembers.test(code) || Object.hasOwn(commandErrors, code)) return undefined;
  if (code === 'ENGINE_UNREACHABLE') return ENGINE;
  if (code === 'DISK_FULL') return FULL;
  return code === 'JOB_FAILED' || code === 'MODEL_FAILED' ? JOB : SETUP;
}

/** What a member knows by other names than the table's. */
function plainer(texts: Texts, { code, details }: LikewiseError, pressed: boolean) {
  const { UNUSUAL, ANALOGY_GONE, JOB_GONE, FILE_GONE } = texts.faults;
  if (code === 'FILE_UNKNOWN') return FILE_GONE;
  if (code === 'PICTURE_UNUSUAL') {
    const { picture, trait } = details as Details;
    return UNUSUAL(oneLine(picture), oneLine(texts.details[String(trait)] ?? trait));
  }
  if (!pressed) return undefined;
  if (code === 'ANALOGY_UNKNOWN') return ANALOGY_GONE;
  return code === 'JOB_UNKNOWN' ? JOB_GONE : undefined;
}

/** Details that are words of the program. What members wrote stays as it is. */
const worded = ({ details: words, states }: Texts, details: Details): Details => {
  const known: Readonly<Record<string, string>> = { ...words, ...states };
  const keys = ['whose', 'trait', 'reason', 'tensors', 'state'];
  const own = (value: string | number) => Object.hasOwn(known, value);
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      keys.includes(key) && own(value) ? (known[value] as string) : value,
    ]),
  );
};

/** The table counts a wait in seconds, which nobody does who waits for days. */
function waited({ wait }: Texts, entry: ErrorText, { retrySeconds }: Details): ErrorText {
  if (typeof retrySeconds !== 'number') return entry;
  const worded = wait(Math.max(1, Math.ceil(retrySeconds)));
  return { ...entry, todo: entry.todo.replace(/\{retrySeconds\}(?: ?s\b|秒)/g, () => worded) };
}

/** An entry of the table with its details filled in. */
function said(entry: ErrorText, details: Details): Said {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => oneLine(details[name]));
  return { sentence: fill(entry.what), next: fill(entry.todo) };
}

function oneLine(value: unknown): string {
  return String(value ?? '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}
