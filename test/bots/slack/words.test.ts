import { expect, it } from 'vitest';
import { languages, type Words, wordsFor } from '../../../src/bots/slack/words/index.ts';
import { settingsCommand } from '../../../src/commands/admin.ts';
import { dialogs } from '../../../src/commands/buttons.ts';
import { analogyCommand, applyCommand } from '../../../src/commands/make.ts';
import { textsFor } from '../../../src/commands/texts/index.ts';

/** Every text by its path; functions are given what is easily told from words. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const given = Array.from({ length: value.length }, (_, i) => `<${i + 1}>`);
    return [[path, String(value(...given))]];
  }
  if (Array.isArray(value)) return value.flatMap((each, i) => texts(each, `${path}.${i}`));
  return Object.entries(value as object).flatMap(([key, each]) => texts(each, `${path}.${key}`));
}

const english = texts(wordsFor('en'));

it('knows the language of a locale', () => {
  expect(wordsFor('de-DE')).toBe(languages.de);
  expect(wordsFor('ja-JP')).toBe(languages.ja);
  for (const locale of ['en-GB', 'fr-FR', '', 'constructor']) {
    expect(wordsFor(locale)).toBe(languages.en);
  }
});

it.each(['de', 'ja'])('says all in %s, with all that is filled in', (language) => {
  const other = new Map(texts(wordsFor(language)));
  expect([...other.keys()]).toEqual(english.map(([path]) => path));
  for (const [path, text] of english) {
    const said = other.get(path) ?? '';
    expect(said.trim(), path).not.toBe('');
    const filledIn = (whole: string) => (whole.match(/<\d>/g) ?? []).sort();
    expect(filledIn(said), path).toEqual(filledIn(text));
  }
});

it.each(Object.entries(languages))('keeps to the lengths of dialogs in %s', (_, words: Words) => {
  const { dialogs, submit, save, close, cancel, home } = words;
  const titles = Object.values(dialogs).map(({ title }) => title);
  for (const text of [...titles, submit, save, close]) expect(text.length).toBeLessThanOrEqual(24);
  for (const text of [cancel.yes, cancel.no]) expect(text.length).toBeLessThanOrEqual(30);
  const { begin, help, refresh, forget, change } = home;
  for (const text of [begin, help, refresh, forget, change, words.remove]) {
    expect(text.length).toBeLessThanOrEqual(75);
  }
});

it('has words for every field that a dialog asks for', () => {
  // Only described, never run.
  const room = {} as Parameters<typeof settingsCommand>[0];
  const fields = [analogyCommand, applyCommand, settingsCommand].flatMap((of) => of(room).fields);
  const names = [
    ...fields.map(({ name }) => name).filter((name) => !/\d$/.test(name)),
    ...Object.values(dialogs).flatMap((of) => Object.keys(of(textsFor('en')))),
  ];
  expect(names.filter((name) => !Object.hasOwn(wordsFor('en').fields, name))).toEqual([]);
  expect(names).toContain('privatereplies');
});
