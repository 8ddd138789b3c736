const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A text of a view, for texts in which Slack reads no marks (`plain_text` without emoji, rich text):
 * there it is shown as it is. Control characters, and those that turn the direction of what follows
 * them, are gone; lines stay lines.
 * @param max characters as Slack may count them: `&`, `<` and `>` are kept there as entities
 */
export function plain(text: string, max: number): string {
  const clean = text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .trim();
  if (clean.length * longestEntity <= max || sizeOf(clean) <= max) return clean;
  let kept = '';
  let size = 1;
  for (const { segment } of graphemes.segment(clean)) {
    size += sizeOf(segment);
    if (size > max) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The same in one line. */
export function plainLine(text: string, max: number): string {
  return plain(text.replace(/\s+/g, ' '), max);
}

/** The same in one line and never empty: for buttons, options, titles. */
export function label(text: string, max: number): string {
  return plainLine(text, max) || '…';
}

/**
 * The same in one line for Slack's mrkdwn: no mention, link or time can be in it. Marks of emphasis
 * cannot be escaped there and are left out; what has to be exact is no mrkdwn.
 */
export function inert(text: string, max: number): string {
  return escaped(plainLine(text, max)).replace(/[*_~`]/g, '');
}

/** For the text of a notification: no mention, link or time can be in it. */
export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (mark) => entities[mark as keyof typeof entities]);
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const longestEntity = 5;

function sizeOf(text: string): number {
  return escaped(text).length;
}
