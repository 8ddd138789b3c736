import { describe, expect, it } from 'vitest';
import { languages, wordsFor } from '../../../src/bots/discord/words/index.ts';

/** All words of a language by their place, functions with something to say. */
function said(words: object, place = ''): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [key, value] of Object.entries(words)) {
    const name = place === '' ? key : `${place}.${key}`;
    if (typeof value === 'string') all[name] = value;
    else if (typeof value === 'object') Object.assign(all, said(value, name));
    else all[name] = value('X', 'Y');
  }
  return all;
}

const english = said(languages.en ?? {});

describe.each(Object.entries(languages))('the words in %s', (language, words) => {
  const all = said(words);

  it('are as many as the English ones, and none is empty', () => {
    expect(Object.keys(all).sort()).toEqual(Object.keys(english).sort());
    for (const text of Object.values(all)) expect(text.trim()).not.toBe('');
  });

  it('say what they are given', () => {
    for (const place of ['refines', 'ready', 'retry', 'code', 'fileTooLarge', 'filesLeftOut']) {
      expect(all[place]).toContain('X');
    }
    expect(all['dialogs.pairs.label']).toContain('X');
    expect(all.range).toMatch(/X.*Y/);
  });

  it('keep within what Discord shows', () => {
    const most = (places: RegExp, length: number) => {
      const found = Object.entries(all).filter(([place]) => places.test(place));
      expect(found).not.toEqual([]);
      for (const [, text] of found) expect(text.length).toBeLessThanOrEqual(length);
    };
    most(/^messageCommands\./, 32);
    most(/^dialogs\..*\.title$/, 45);
    most(/^dialogs\..*\.(label|analogy|before|after|picture)$/, 45);
    most(/^fields\./, 45);
    most(/^dialogs\..*([hH]elp|description)$/, 100);
    most(/^(suggested|yes|no)$/, 100);
    most(/^(pick|moreButtons)$/, 150);
    most(/^remove$/, 80);
  });

  it('differ from the English ones where they are sentences', () => {
    if (language === 'en') return;
    const same = Object.entries(all).filter(([place, text]) => text === english[place]);
    expect(same.filter(([, text]) => /[a-z]+ [a-z]+ /.test(text))).toEqual([]);
  });
});

describe('the words for a locale', () => {
  it.each([
    ['de', 'Löschen'],
    ['de-AT', 'Löschen'],
    ['ja', '削除'],
    ['en-GB', 'Delete'],
    ['pt-BR', 'Delete'],
    ['constructor', 'Delete'],
    ['', 'Delete'],
  ])('%s', (locale, remove) => {
    expect(wordsFor(locale).remove).toBe(remove);
  });
});
