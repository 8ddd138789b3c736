import { LikewiseError } from '../../errors.ts';

/** Most UTF-16 units of a name, and of a description. */
export const longestName = 64;
export const longestDescription = 500;

/** Letters, digits and emoji of any script, and what does not mean anything to a chat's markup. */
const allowed =
  /^[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}_ .,'’!?&+()-]*$/u;
const beginning = /^[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
/** Letters that nobody sees. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;
/** What holds an emoji's parts together, and asks for its colours. */
const joiners = /\u200d|\ufe0f/g;

/**
 * A name as it is kept: composed (NFC), without space around it, with single spaces within.
 * @throws LikewiseError `ANALOGY_NAME_INVALID`, saying why
 */
export function checkName(text: string): string {
  const name = text.isWellFormed() ? text.normalize('NFC').trim().replace(/\s+/gu, ' ') : '';
  const reason = faultOf(text, name);
  if (reason === undefined) return name;
  const shown = text.toWellFormed();
  const short = shown.length > longestName ? `${shown.slice(0, longestName)}…` : shown;
  throw new LikewiseError('ANALOGY_NAME_INVALID', { name: short, reason });
}

function faultOf(text: string, name: string): string | undefined {
  if (!text.isWellFormed()) return 'it is not whole text';
  if (name === '') return 'it is empty';
  if (name.length > longestName) return `it is longer than ${longestName} characters`;
  if (!beginning.test(name)) return 'it does not begin with a letter, a digit or an emoji';
  const visible = name.replace(joiners, '');
  if (!allowed.test(visible) || invisible.test(visible)) {
    return "it has other characters than letters, digits, emoji, spaces and _ . , ' ! ? & + ( ) -";
  }
  return /\p{M}{4}/u.test(name) ? 'it has too many accents on one letter' : undefined;
}

/**
 * What two names have in common that a tenant may not have twice: case, width, and what cannot be
 * seen make no difference.
 */
export function foldName(name: string): string {
  // By way of upper case, where different lower-case forms, such as ß and ss, meet; ẞ gets there as ß.
  const plain = name.normalize('NFKC').replace(joiners, '');
  const folded = plain.toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFKC').trim().replace(/\s+/gu, ' ');
}

/**
 * A description as it is kept: one line; undefined where nothing is left.
 * @throws LikewiseError `ANALOGY_DESCRIPTION_INVALID`, saying why
 */
export function checkDescription(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const invalid = (reason: string) => new LikewiseError('ANALOGY_DESCRIPTION_INVALID', { reason });
  if (!text.isWellFormed()) throw invalid('it is not whole text');
  // Control characters, line breaks, and marks that turn the direction of writing.
  const line = text.normalize('NFC').replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ');
  const description = line.trim();
  if (description.length > longestDescription) {
    throw invalid(`it is longer than ${longestDescription} characters`);
  }
  return description === '' ? undefined : description;
}
