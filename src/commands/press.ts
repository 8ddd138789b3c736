import { nameSchema } from '../engine/protocol.ts';

/** What a button says, and all that it says: the rest is in the engine's store. */
export interface Press {
  readonly action: string;
  /** The id of a job or an analogy, where the action has one. */
  readonly ref?: string | undefined;
  /** At most four decimals each are kept. */
  readonly numbers: readonly number[];
}

/** Does not occur in names and numbers. */
const separator = '~';
/** What Discord allows; Slack allows more. */
export const longestId = 100;

/** @throws RangeError where it would be too long, which no id of the engine makes it */
export function formatPress({ action, ref = '', numbers }: Press): string {
  const id = [action, ref, ...numbers.map((number) => String(rounded(number)))].join(separator);
  // Without numbers and reference, the action alone.
  const short = ref === '' && numbers.length === 0 ? action : id;
  if (short.length > longestId) throw new RangeError(`the button ${action} has too long an id`);
  return short;
}

/** The press again; undefined for what is none. */
export function parsePress(id: string): Press | undefined {
  if (id.length > longestId) return undefined;
  const [action = '', ref = '', ...rest] = id.split(separator);
  if (!/^[a-z]{1,16}$/.test(action)) return undefined;
  if (ref !== '' && !nameSchema.safeParse(ref).success) return undefined;
  const numbers = rest.map((text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN));
  if (numbers.length > 4 || !numbers.every(Number.isFinite)) return undefined;
  return { action, numbers, ...(ref !== '' && { ref }) };
}

/** To four decimals, and never −0. */
export function rounded(number: number): number {
  return Math.round(number * 1e4) / 1e4 || 0;
}
