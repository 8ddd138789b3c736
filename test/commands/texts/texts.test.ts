import { describe, expect, test } from 'vitest';
import { english } from '../../../src/commands/texts/english.ts';
import { german } from '../../../src/commands/texts/german.ts';
import { languages, type MemberCode, textsFor } from '../../../src/commands/texts/index.ts';
import { japanese } from '../../../src/commands/texts/japanese.ts';
import { checkDescription, checkName } from '../../../src/engine/library/names.ts';
import { errors, isLikewiseError } from '../../../src/errors.ts';

const others = Object.entries(languages).filter(([language]) => language !== 'en');

/** Every text, by its path; functions are filled in with their own places. */
function flat(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return flat(filled(value as Fill, path), path);
  return Object.entries(value as object).flatMap(([key, part]) => flat(part, `${path}/${key}`));
}
type Fill = (...args: unknown[]) => unknown;

/** Arguments that can be told apart in what comes of them. */
function filled(text: Fill, path: string): unknown {
  if (path === '/forgotten') return text({ pictures: 91, records: 92, analogies: 93, jobs: 94 });
  if (path === '/found') return text('<1>', { from: 11, to: 20, of: 25 }, true);
  if (path === '/eta' || path === '/wait') return text(71);
  if (path === '/working') return text('<1>', 'tokens', 83, 84);
  return text(...Array.from({ length: text.length }, (_, i) => `<${i + 1}>`));
}

const own = ({ errors: _, details: __, ...rest }: typeof english) => flat(rest);
const marks = (text: string) => [...text.matchAll(/<\d>|\b(?:7|8|9)\d\b/g)].map(([mark]) => mark);

test('languages are chosen by the first part of a tag', () => {
  for (const tag of ['de', 'de-AT', 'DE', 'de_DE']) expect(textsFor(tag)).toBe(german);
  for (const tag of ['ja', 'ja-JP']) expect(textsFor(tag)).toBe(japanese);
  for (const tag of ['en-GB', 'fr', 'den', '', 'constructor', '__proto__']) {
    expect(textsFor(tag)).toBe(english);
  }
});

describe.each(others)('the language %s', (_language, texts) => {
  test('has every text, and none more, with what is filled in', () => {
    const [mine, theirs] = [own(texts), own(english)];
    expect(mine.map(([path]) => path)).toEqual(theirs.map(([path]) => path));
    const filledIn = (all: [string, string][]) =>
      all.map(([path, text]) => [path, marks(text).sort()]);
    expect(filledIn(mine)).toEqual(filledIn(theirs));
    expect(mine.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('says things in its own words', () => {
    const same = own(texts).filter(([path, text]) => text === new Map(own(english)).get(path));
    const alike = /^\/(role|buttons\/(pick|less|more)|help\/command)/;
    expect(same.filter(([path]) => !alike.test(path))).toEqual([]);
  });

  test('has every error that members read, with the same details', () => {
    const codes = Object.keys(texts.errors).sort() as MemberCode[];
    expect(codes).toEqual(Object.keys(errors).filter(isForMembers).sort());
    const names = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    for (const code of codes) {
      const { what, todo } = texts.errors[code] ?? {};
      expect([code, names(what)]).toEqual([code, names(errors[code].what)]);
      expect([code, names(todo)]).toEqual([code, names(errors[code].todo)]);
      expect([code, what, todo].join()).toMatch(/[.。],.*[.。]$/);
    }
  });

  test('knows what the library says of a name or a description', () => {
    const names = ['\ud800', ' ', 'x'.repeat(65), '-a', 'a\u0007', `a${'\u0300\u0301'.repeat(5)}`];
    const reasons = [
      ...names.map((name) => reasonOf(() => checkName(name))),
      reasonOf(() => checkDescription('\ud800')),
      reasonOf(() => checkDescription('x'.repeat(501))),
    ];
    expect(new Set(reasons).size).toBe(7);
    for (const reason of reasons) expect(texts.details).toHaveProperty([reason]);
  });
});

test.each(Object.entries(languages))('%s keeps to what chats allow', (_language, texts) => {
  for (const [path, text] of [...flat(texts.commands), ...flat(texts.fields)]) {
    expect([path, text.length <= 100]).toEqual([path, true]);
  }
  for (const [path, text] of flat(texts.buttons)) {
    expect([path, text.length <= 40]).toEqual([path, true]);
  }
  expect(texts.buttons.pick('−0.25').length).toBeLessThanOrEqual(12);
  expect(texts.cell('−99.99', '99.99').length).toBeLessThanOrEqual(80);
  // A message of Discord holds 2000 characters.
  expect(texts.help.lines.join('\n').length).toBeLessThanOrEqual(1000);
});

/** As `problem.ts` has it: the compiler holds the languages to the type, this holds the type to it. */
function isForMembers(code: string): boolean {
  const plain =
    /^(PICTURE_(?!MISSING)|ANALOGY_|LIMIT_|LIBRARY_|CELLS_|INVERSION_GONE|JOB_(?!FAILED)|FILE_|ENGINE_STOPPING|INTAKE_BUSY)/;
  const ofCommands =
    /^(INPUT_INVALID|COMMANDS?_|ROLE_|ADMINS_|AGE_|JOBS_NONE|RESULT_EXPIRED|QUOTA_USED|FETCH_)/;
  return plain.test(code) || ofCommands.test(code);
}

function reasonOf(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (isLikewiseError(error)) return String((error.details as { reason?: string }).reason);
    throw error;
  }
  throw new Error('it was taken');
}
