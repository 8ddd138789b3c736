import { hidden, hidePatterns, isSecretName } from './patterns.ts';
import { secretPattern } from './secrets.ts';

/** A line of a log, scrubbed, as data and as text. */
export interface ScrubbedLine {
  readonly fields: Record<string, unknown>;
  /** Valid JSON on one line, without a line break. */
  readonly json: string;
}

/** Most characters of one text; what is beyond is left out, with a word about it. */
const longest = 32_768;

/**
 * Removes secrets from finished lines of a log: the last thing that happens to a line, so that it
 * does not matter by which way a secret got there. Known secrets are found in every form of
 * `secretPattern`; others by what they look like, or by the name of their field.
 *
 * @param secrets what is known to be secret; fewer than 4 characters are not looked for
 */
export function createScrubber(secrets: readonly string[]) {
  const known = secretPattern(secrets);
  const scrubText = (text: string): string => {
    const clean = hidePatterns(known ? text.replace(known, hidden) : text);
    if (clean.length <= longest) return clean;
    return `${clean.slice(0, longest)}… (${clean.length - longest} more characters)`;
  };
  const scrubNumber = (value: number): number | string =>
    known && String(value).search(known) !== -1 ? hidden : value;

  /** @param secret whether a field above is a secret by its name: then all texts in it are */
  const scrub = (value: unknown, secret: boolean): unknown => {
    if (typeof value === 'string') return secret && value !== '' ? hidden : scrubText(value);
    if (typeof value === 'number') return secret ? hidden : scrubNumber(value);
    if (Array.isArray(value)) return value.map((element) => scrub(element, secret));
    return typeof value === 'object' && value !== null ? scrubFields(value, secret) : value;
  };
  const scrubFields = (fields: object, secret: boolean): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        scrubText(name),
        scrub(value, secret || isSecretName(name)),
      ]),
    );

  return {
    text: scrubText,
    line(line: string): ScrubbedLine {
      let read: unknown;
      try {
        read = JSON.parse(line);
      } catch {
        // No logger of ours writes such a line; it is kept all the same.
        read = { level: 'error', msg: line.trimEnd() };
      }
      const whole = typeof read === 'object' && read !== null ? read : { msg: read };
      const fields = scrubFields(whole, false);
      return { fields, json: JSON.stringify(fields) };
    },
  };
}
