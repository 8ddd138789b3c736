import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, escapedLine, label } from '../../../../src/bots/discord/messages/plain.ts';

describe('text that others wrote', () => {
  it.each([
    [
      '**bold** _it_ ~~no~~ ||spoiler||',
      '\\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~ \\|\\|spoiler\\|\\|',
    ],
    ['`code`', '\\`code\\`'],
    ['<@123> <#4> <t:1:R> <:a:1>', '\\<\\@123\\> \\<\\#4\\> \\<t:1:R\\> \\<:a:1\\>'],
    ['@everyone', '\\@everyone'],
    ['[free](https://example.org)', '\\[free\\](https:/\\/example.org)'],
    ['-# small', '\\-\\# small'],
    [
      '# head\n- item\n  + item\n2. item\n> said',
      '\\# head\n\\- item\n  \\+ item\n2\\. item\n\\> said',
    ],
    ['a-b, 1.5 and A: x', 'a-b, 1.5 and A: x'],
    ['a\\', 'a\\\\'],
    ['\u202Ecod.exe\u0000', 'cod.exe'],
  ])('%s is shown as it is', (text, expected) => {
    expect(escaped(text, 1000)).toBe(expected);
  });

  it('has no mark that is not escaped, and keeps within its length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 1, max: 120 }),
        (text, max) => {
          const shown = escaped(text, max);
          expect(shown.length).toBeLessThanOrEqual(max);
          // A backslash takes its mark's meaning; what is left is without any.
          const rest = shown.replace(/\\[^A-Za-z0-9\s]/gu, '');
          expect(rest).not.toMatch(/[\\`*_~|<>@#[\]]|^\s*[-+]|:\/\//m);
          expect(escapedLine(text, max)).not.toMatch(/\n/);
        },
      ),
    );
  });

  it('is cut between characters', () => {
    expect(escaped('abcdef', 4)).toBe('abc…');
    expect(escaped('abcdef', 6)).toBe('abcdef');
    expect(escaped('ab***', 5)).toBe('ab\\*…');
    expect(escaped('ab👩‍👩‍👧‍👦cd', 5)).toBe('ab…');
    expect(label('ab👩‍👩‍👧‍👦cd', 5)).toBe('ab…');
  });

  it('is never empty on a button, nor in several lines', () => {
    expect(label(' \n ', 80)).toBe('…');
    expect(label('a\nb', 80)).toBe('a b');
    expect(label('x'.repeat(81), 80)).toHaveLength(80);
  });
});
