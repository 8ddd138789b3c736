import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommands } from '../../src/commands/index.ts';
import type { ProblemView, ResultView, View, Views } from '../../src/commands/port.ts';
import { errors, LikewiseError } from '../../src/errors.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  engine = fakeEngine();
  platform = await scriptedPlatform(engine);
});
afterEach(() => platform.close());

const last = async (views: Views) => {
  let view: View | undefined;
  for await (const each of views) view = each;
  return view as View;
};
const ask = (locale: string, name: string, input = {}, who = {}) =>
  last(platform.watch(name, input, { locale, ...who }));
const three = () => ({
  before: sent('picture a'),
  after: sent('picture a2'),
  picture: sent('picture b'),
});
const commands = () =>
  createCommands({
    engine,
    settings: platform.settings,
    log: () => {},
    dials: { lambda: [1], guidance: [2] },
    pictureMegabytes: 1,
  });

describe('descriptions in another language', () => {
  test.each(['de-DE', 'ja'])(
    '%s: the same commands and fields, within what chats allow',
    (locale) => {
      const { list, describe: describeIn } = commands();
      const told = describeIn(locale);
      const shape = (all: typeof list) =>
        all.map(({ description: _, fields, ...rest }) => ({
          ...rest,
          fields: fields.map(({ description: __, ...field }) => field),
        }));
      expect(shape(told)).toEqual(shape(list));
      expect(describeIn(locale)).toBe(told);
      for (const [i, { description, fields }] of told.entries()) {
        expect(description).not.toBe(list[i]?.description);
        for (const text of [description, ...fields.map((field) => field.description)]) {
          expect(text.length).toBeLessThanOrEqual(100);
        }
      }
    },
  );

  test('there is none: English', () => {
    const { list, describe: describeIn } = commands();
    expect(describeIn('fr')).toEqual(list);
  });
});

test('a result, its buttons and their dialogs', async () => {
  const view = (await ask('ja', 'analogy', three())) as ResultView;
  expect(view.text).toBe('強さ 0, 0.5, 1, 1.5, 2、ガイダンス 2 です。 まず強さ 1 を見てください。');
  const name = view.buttons.flat().find(({ id }) => id.startsWith('name'));
  expect(name).toMatchObject({
    label: '名前を付ける…',
    asks: [{ description: '名前。64文字まで' }, {}],
  });
});

test('the help names every command', async () => {
  const help = JSON.stringify(await ask('de', 'help'));
  for (const { name, description } of commands().describe('de')) {
    if (name !== 'settings') expect(help).toContain(`${name}: ${description}`);
  }
});

test('every error of the engine is told in the language, with its details', async () => {
  const view = (await ask('en', 'analogy', three())) as ResultView;
  const id = view.buttons.flat().find((button) => button.id.startsWith('stronger'))?.id ?? '';
  for (const code of Object.keys(errors) as (keyof typeof errors)[]) {
    const { what, todo } = errors[code];
    const names = [...`${what}${todo}`.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => key);
    engine.fault = new LikewiseError(
      code,
      Object.fromEntries(names.map((key) => [key, 7])) as never,
    );
    const inGerman = (await last(platform.tap(id, {}, { locale: 'de' }))) as ProblemView;
    const inJapanese = (await last(platform.tap(id, {}, { locale: 'ja' }))) as ProblemView;
    expect(inJapanese).toMatchObject({ kind: 'problem', code });
    expect(inJapanese.sentence).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/);
    expect(inJapanese.next).toMatch(/[\u3040-\u30ff].*。$/);
    expect(inGerman.sentence).not.toBe(what.replaceAll(/\{\w+\}/g, '7'));
    expect(inGerman.sentence).toMatch(/\.$/);
    expect(`${inGerman.sentence}${inGerman.next}`).not.toMatch(/[{}]|undefined/);
  }
});

describe('details that are words of the program', () => {
  const told = async (locale: string, error: LikewiseError) => {
    engine.fault = error;
    const { sentence } = (await ask(locale, 'status')) as ProblemView;
    return sentence;
  };
  test('are told in the language, and in English as members know them', async () => {
    const full = new LikewiseError('LIBRARY_FULL', { whose: 'one member', most: 50 });
    expect(await told('de', full)).toBe(
      'Die Bibliothek ist voll: höchstens 50 Analogien (für ein einzelnes Mitglied).',
    );
    const details = { whose: 'tenant', waiting: 3, limit: 3, retrySeconds: 9 };
    const waiting = new LikewiseError('LIMIT_WAITING', details);
    expect(await told('en', waiting)).toContain('jobs of this place wait');
    expect(await told('ja', waiting)).toContain('対象:この場所全体');
    const trait = { picture: 'B', trait: 'animated' };
    expect(await told('de', new LikewiseError('PICTURE_UNUSUAL', trait))).toMatch(
      /^B ist animiert;/,
    );
  });
  test('what members wrote stays as it is', async () => {
    const taken = new LikewiseError('ANALOGY_NAME_TAKEN', { name: 'nothing' });
    expect(await told('de', taken)).toBe('Es gibt schon eine Analogie namens nothing.');
  });
});

describe('wrong input', () => {
  const reason = async (locale: string, name: string, input: object) => {
    const view = (await ask(locale, name, input, { admin: true })) as ProblemView;
    return view.sentence;
  };
  test.each([
    ['analogy', { before: 'x' }, 'after', 'Es fehlt'],
    ['analogy', { ...three(), strengths: 'viel' }, 'strengths', 'Es ist keine Zahl'],
    ['analogy', { ...three(), strengths: '500' }, 'strengths', 'Es ist größer als 100'],
    ['analogy', { ...three(), guidance: '-1' }, 'guidance', 'Es ist kleiner als 0'],
    ['analogy', { ...three(), guidance: Array(21).fill(1) }, 'guidance', 'Es sind mehr als 20'],
    ['analogy', { ...three(), picture: 'b' }, 'picture', 'Es ist keine Datei'],
    ['analogy', { ...three(), text: 'x'.repeat(301) }, 'text', 'Es hat mehr als 300 Zeichen'],
    ['analogy', { ...three(), after3: sent('picture') }, 'before3', 'Es fehlt in seinem Paar'],
    ['refine', { action: 'paint' }, 'action', 'Möglich sind at, weaker'],
    ['refine', {}, 'action', 'Es fehlt'],
    ['refine', { action: 'at', guidance: 1 }, 'strength', 'Es wird gebraucht'],
    ['settings', { enabled: 'maybe' }, 'enabled', 'Es ist weder true noch false'],
    ['settings', { roleperday: 'x' }, 'roleperday', 'Schreib es als 123=20'],
    ['show', { job: 'a b' }, 'job', 'Nur Buchstaben, Ziffern'],
    ['help', { more: 1 }, 'more', 'Ein solches Feld gibt es nicht'],
  ])('%s %o', async (name, input, field, text) => {
    expect(await reason('de', name, input)).toMatch(`${field} ist so nicht verwendbar: ${text}`);
    const inEnglish = await reason('en', name, input);
    expect(inEnglish).toMatch(`${field} cannot be used: `);
    // Nothing of the schema's own way to say it.
    expect(inEnglish).not.toMatch(/expected|invalid|received/i);
  });
});

test('settings: the words for none of all languages are taken', async () => {
  const admin = { admin: true };
  for (const everyone of ['everyone', 'ALLE', '全員']) {
    await ask('de', 'settings', { roles: '1 2' }, admin);
    await ask('de', 'settings', { roles: everyone }, admin);
    expect((await platform.settings.get('script:1')).roles).toEqual([]);
  }
  const shown = JSON.stringify(await ask('ja', 'settings', {}, admin));
  expect(shown).toContain('roles: 全員');
});
