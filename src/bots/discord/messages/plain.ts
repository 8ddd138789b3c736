/**
 * A text that Discord shows as it is: nothing in it is markdown, a mention, a link or a time. Lines stay
 * lines.
 * @param max characters of the answer, backslashes included; what is longer ends in `…`
 */
export function escaped(text: string, max: number): string {
  let whole = '';
  // Cut between characters as they are read, never behind a backslash or within an emoji.
  let shorter = '';
  for (const { segment } of graphemes.segment(tidy(text))) {
    const piece = (/^\s*$/.test(lastLine(whole)) ? atStart : within)(segment, whole);
    if (whole.length + piece.length > max) return `${shorter}…`;
    whole += piece;
    if (whole.length < max) shorter = whole;
  }
  return whole;
}

/** The same in one line. */
export function escapedLine(text: string, max: number): string {
  return escaped(oneLine(text), max);
}

/** The same in one line and bold; empty where there is nothing to see. */
export function bold(text: string, max: number): string {
  const line = escapedLine(text, max - 4);
  return line === '' ? '' : `**${line}**`;
}

/** For what knows no markdown, such as buttons: one line, never empty. */
export function label(text: string, max: number): string {
  const line = oneLine(text);
  if (line.length <= max) return line || '…';
  let kept = '';
  for (const { segment } of graphemes.segment(line)) {
    if (kept.length + segment.length >= max) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Without control characters, and those that turn the direction of what follows them. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .trim();
}

function oneLine(text: string): string {
  return tidy(text).replace(/\s+/g, ' ');
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

/** Lists, small text and headings begin a line. */
function atStart(segment: string, before: string): string {
  return /^[-+]/.test(segment) ? `\\${segment}` : within(segment, before);
}

function within(segment: string, before: string): string {
  const isMark =
    /^[\\`*_~|<>@#[\]]/.test(segment) ||
    // Numbered lists, and the schemes of links.
    (/^[.)]/.test(segment) && /^\s*\d+$/.test(lastLine(before))) ||
    (segment.startsWith('/') && before.endsWith(':/'));
  return isMark ? `\\${segment}` : segment;
}
