import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDescription, checkName, foldName } from '../../../src/engine/library/index.ts';

describe('names', () => {
  it.each([
    ['with glasses', 'with glasses'],
    ['  with \t  glasses ', 'with glasses'],
    ['Älter (um 10)', 'Älter (um 10)'],
    ['A\u0308lter', 'Älter'],
    ['眼鏡をかける', '眼鏡をかける'],
    ['नमस्ते', 'नमस्ते'],
    ['👓 nerd', '👓 nerd'],
    ['👩‍🎤', '👩‍🎤'],
    ['🇫🇷 beret', '🇫🇷 beret'],
    ["it's 2 + 2, ok?!", "it's 2 + 2, ok?!"],
    ['x'.repeat(64), 'x'.repeat(64)],
  ])('%j is one', (text, name) => {
    expect(checkName(text)).toBe(name);
  });

  it.each([
    ['', /it is empty/],
    ['   ', /it is empty/],
    ['x'.repeat(65), /longer than 64/],
    ['-dash', /does not begin with/],
    ['@everyone', /does not begin with/],
    ['hello @everyone', /other characters/],
    ['a/b', /other characters/],
    ['**bold**', /does not begin/],
    ['a `b`', /other characters/],
    ['<script>', /does not begin/],
    ['a\u0000b', /other characters/],
    ['a\u202eb', /other characters/],
    ['a\u3164b', /other characters/],
    ['\u3164', /does not begin|other characters/],
    ['\ud83d', /not whole text/],
    [`a${'\u0301\u0302\u0303\u0304\u0305'}`, /accents/],
  ])('%j is none, and it is said why', (text, reason) => {
    expect(() => checkName(text)).toThrow(
      expect.objectContaining({
        code: 'ANALOGY_NAME_INVALID',
        message: expect.stringMatching(reason),
      }),
    );
  });

  it('once checked, is kept as it is; whatever else is refused as it should be', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 70 }),
      fc.string({ maxLength: 70 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        let name: string;
        try {
          name = checkName(given);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ANALOGY_NAME_INVALID' });
          return;
        }
        expect(checkName(name)).toBe(name);
        expect(foldName(foldName(name))).toBe(foldName(name));
        expect(foldName(name.toUpperCase())).toBe(foldName(name));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['Glasses', 'gLASSES'],
    ['STRASSE', 'Straße'],
    ['STRAẞE', 'Straße'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['Ｇｌａｓｓ', 'glass'],
    ['ﬁn', 'FIN'],
    ['❤️', '❤'],
  ])('%j and %j are the same', (a, b) => {
    expect(foldName(a)).toBe(foldName(b));
  });

  it.each([
    ['resume', 'résumé'],
    ['a b', 'ab'],
  ])('%j and %j are not', (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
  });
});

describe('descriptions', () => {
  it.each([
    [undefined, undefined],
    ['  ', undefined],
    ['two\nlines,\r\n  \u202eone', 'two lines, one'],
    ['any * <text> @all', 'any * <text> @all'],
  ])('%j becomes %j', (text, description) => {
    expect(checkDescription(text)).toBe(description);
  });

  it.each(['x'.repeat(501), 'a\ud800'])('refuses %#', (text) => {
    expect(() => checkDescription(text)).toThrow(
      expect.objectContaining({ code: 'ANALOGY_DESCRIPTION_INVALID' }),
    );
  });
});
