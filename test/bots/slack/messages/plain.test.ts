import { expect, it } from 'vitest';
import {
  escaped,
  inert,
  label,
  plain,
  plainLine,
} from '../../../../src/bots/slack/messages/plain.ts';

it('keeps a text as it is, but for what nobody sees', () => {
  expect(plain('*a* _b_ <@U1> & :c:\nd', 100)).toBe('*a* _b_ <@U1> & :c:\nd');
  expect(plain(' a\u202Eb\u0007c\r\nd\u2028e ', 100)).toBe('ab c\nd\ne');
  expect(plainLine('a\n\n b\tc', 100)).toBe('a b c');
  expect(label(' \n ', 10)).toBe('…');
});

it('cuts by what Slack may count, between characters as they are read', () => {
  expect(plain('abcdef', 6)).toBe('abcdef');
  expect(plain('abcdefg', 6)).toBe('abcde…');
  expect(plain('a&&', 6)).toBe('a…');
  const family = '👩‍👩‍👧';
  expect(plain(`ab${family}`, 9)).toBe('ab…');
  expect(plain(`${family}${family}`, family.length + 1)).toBe(`${family}…`);
});

it('has no mark, mention or link left in mrkdwn', () => {
  expect(inert('*a* <!channel>\n`b` ~c~', 100)).toBe('a &lt;!channel&gt; b c');
  expect(escaped('<@U1> & co')).toBe('&lt;@U1&gt; &amp; co');
});
