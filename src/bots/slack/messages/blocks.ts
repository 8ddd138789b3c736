/** Blocks whose text comes from elsewhere: nothing in it is read as a mark. */
import type { types } from '@slack/bolt';
import { limits } from './limits.ts';
import { escaped, label, plain } from './plain.ts';

type Block = types.KnownBlock;

export function plainText(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

export function header(text: string): Block {
  return { type: 'header', text: plainText(label(text, limits.header)) };
}

/** Paragraphs; none where there is nothing to see. */
export function section(text: string, accessory?: types.SectionBlockAccessory): Block[] {
  const whole = plain(text, limits.text);
  if (whole === '') return [];
  return [
    { type: 'section', text: plainText(whole), expand: true, ...(accessory && { accessory }) },
  ];
}

/** What mrkdwn may read as a mark, and cannot be told not to. */
const marks = /[*_~`<>]|:[^\s:]+:/;

/**
 * A line, and another below it. The first one is bold where neither holds a mark: beside a button
 * Slack takes no rich text, and names have to be exact.
 */
export function titled(
  title: string,
  text: string,
  accessory?: types.SectionBlockAccessory,
): types.KnownBlock[] {
  const lines = text === '' ? title : `${title}\n${text}`;
  if (marks.test(lines)) return section(lines, accessory);
  const more = text === '' ? '' : `\n${escaped(text)}`;
  const whole = `*${escaped(title)}*${more}`;
  const object = { type: 'mrkdwn' as const, text: whole, verbatim: true };
  return [{ type: 'section', text: object, expand: true, ...(accessory && { accessory }) }];
}

/** In small print. */
export function small(text: string): Block[] {
  const whole = plain(text, limits.text);
  return whole === '' ? [] : [{ type: 'context', elements: [plainText(whole)] }];
}

/** In small print, with links and times of the bot's own in it. @param mrkdwn escaped already */
export function smallMarked(mrkdwn: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn, verbatim: true }] };
}

/** A bold line, and what follows it; none where there is nothing to see. */
export function strong(title: string, text = ''): Block[] {
  const [bold, rest] = [plain(title, 1500), plain(text, 1400)];
  if (bold === '') return section(rest);
  return [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: bold, style: { bold: true } },
            ...(rest === '' ? [] : [{ type: 'text' as const, text: `\n${rest}` }]),
          ],
        },
      ],
    },
  ];
}

/**
 * Slack's mark for a time, which each reader sees by their own clock.
 * @param now milliseconds since 1970
 * @param seconds from then
 */
export function clock(now: number, seconds: number): string {
  const wait = Number.isNaN(seconds) ? 0 : Math.min(Math.max(0, seconds), 1e9);
  const at = Math.round(now / 1000 + wait);
  const isSoon = wait < 120;
  const isToday = wait < 20 * 3600;
  const format = isSoon ? '{time_secs}' : isToday ? '{time}' : '{date_short_pretty}, {time}';
  const fallback = new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${at}^${format}|${fallback} UTC>`;
}
