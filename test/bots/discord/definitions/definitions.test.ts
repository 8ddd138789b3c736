import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../../../src/bots/discord/definitions/index.ts';
import { placements } from '../../../../src/bots/discord/definitions/placements.ts';
import { wordsFor } from '../../../../src/bots/discord/words/index.ts';
import type { CommandDescription } from '../../../../src/commands/index.ts';
import { describeCommands } from '../described.ts';

interface Option {
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly description_localizations?: Readonly<Record<string, string>>;
  readonly required?: boolean;
  readonly options?: readonly Option[];
  readonly choices?: readonly { readonly name: string; readonly value: string }[];
}
interface Command extends Option {
  readonly name_localizations?: Readonly<Record<string, string>>;
  readonly contexts: readonly number[];
  readonly integration_types: readonly number[];
  readonly default_member_permissions?: string;
}

const all = definitionsOf({ describe: describeCommands }) as unknown as readonly Command[];
const slash = all.filter(({ type }) => type === 1);
const menu = all.filter(({ type }) => type === 3);

/** Every command that can be called, with its path: subcommands in place of what holds them. */
const callable = slash.flatMap(({ name, ...command }): [string, readonly Option[]][] => {
  const { options = [] } = command;
  const subcommands = options.filter(({ type }) => type === 1);
  if (subcommands.length === 0) return [[name, options]];
  return subcommands.map((each) => [`${name} ${each.name}`, each.options ?? []]);
});
const within = (option: Option): Option[] => [option, ...(option.options ?? []).flatMap(within)];

describe('placements', () => {
  test('every command has one, and there is none without a command', () => {
    const names = describeCommands('en').map(({ name }) => name);
    expect(Object.keys(placements).sort()).toEqual([...names].sort());
  });

  test('a command without one is a fault', () => {
    const command = { name: 'new', description: 'New', fields: [], adminOnly: false };
    expect(() => definitionsOf({ describe: () => [command] })).toThrow(/new has no place/);
  });

  test('fields that are renamed or left to a dialog are there', () => {
    for (const { name, fields } of describeCommands('en')) {
      const { names = {}, dialog = [] } = placements[name as keyof typeof placements] as {
        names?: Record<string, string>;
        dialog?: readonly string[];
      };
      const known = fields.map((field) => field.name);
      expect(known).toEqual(expect.arrayContaining([...Object.keys(names), ...dialog]));
    }
  });

  test.each([
    [
      'analogy',
      'a a2 b strengths guidance text pairs private spoiler',
      [11, 11, 11, 3, 3, 3, 5, 5, 5],
    ],
    [
      'apply',
      'image analogy job file strengths guidance text private spoiler',
      [11, 3, 3, 11, 3, 3, 3, 5, 5],
    ],
    [
      'refine',
      'action job strength guidance analogy weight own private spoiler',
      [3, 3, 10, 10, 3, 10, 10, 5, 5],
    ],
    ['show', 'job private spoiler', [3, 5, 5]],
    ['library list', 'search', [3]],
    ['library name', 'name description job', [3, 3, 3]],
    ['library describe', 'analogy description', [3, 3]],
    ['library rename', 'analogy name', [3, 3]],
    ['library delete', 'analogy', [3]],
    ['library export', 'analogy', [3]],
    ['library import', 'file name', [11, 3]],
    ['queue', '', []],
    ['cancel', 'job', [3]],
    ['forget-me', '', []],
    ['help', '', []],
    [
      'settings',
      'enabled roles blocked perday roleperday cells retention agerestricted spoilers privatereplies',
      [5, 3, 3, 10, 3, 10, 10, 5, 5, 5],
    ],
  ])('/%s %s', (path, names, types) => {
    const options = callable.find(([each]) => each === path)?.[1] ?? [];
    // Settings may be added to without a word here; they are fields like the others.
    const shown = path === 'settings' ? options.slice(0, types.length) : options;
    expect(shown.map(({ name }) => name).join(' ')).toBe(names);
    expect(shown.map(({ type }) => type)).toEqual(types);
  });

  test('there are no others', () => {
    const { length } = describeCommands('en');
    expect(callable).toHaveLength(length);
    expect(new Set(callable.map(([path]) => path)).size).toBe(length);
  });
});

describe('options by the kind of their field', () => {
  const fields: CommandDescription['fields'] = [
    { name: 'text', kind: 'text', description: 't', required: false, min: 1, max: 9000 },
    { name: 'picture', kind: 'picture', description: 'p', required: true },
    { name: 'file', kind: 'file', description: 'f', required: false },
    { name: 'number', kind: 'number', description: 'n', required: false, min: -1.5, max: 2 },
    { name: 'numbers', kind: 'numbers', description: 'ns', required: false, min: 0, max: 9 },
    { name: 'choice', kind: 'choice', description: 'c', required: false, choices: ['x', 'y'] },
    { name: 'flag', kind: 'flag', description: 'fl', required: false },
    { name: 'analogy', kind: 'analogy', description: 'a', required: true, min: 1, max: 200 },
    { name: 'job', kind: 'job', description: 'j', required: false },
  ];
  const [command] = definitionsOf({
    describe: () => [{ name: 'cancel', description: 'All', fields, adminOnly: false }],
  }) as unknown as Command[];
  const options = command?.options ?? [];

  test('what is required comes first, and else their order is kept', () => {
    expect(options.map(({ name }) => name).join(' ')).toBe(
      'picture analogy text file number numbers choice flag job',
    );
  });

  test.each([
    ['picture', { type: 11, required: true, file_types: ['image'] }],
    ['file', { type: 11, required: false, file_types: ['.safetensors'] }],
    ['text', { type: 3, min_length: 1, max_length: 6000 }],
    ['number', { type: 10, min_value: -1.5, max_value: 2 }],
    [
      'choice',
      {
        type: 3,
        choices: [
          { name: 'x', value: 'x' },
          { name: 'y', value: 'y' },
        ],
      },
    ],
    ['flag', { type: 5 }],
    ['analogy', { type: 3, min_length: 1, max_length: 200, autocomplete: true }],
    ['job', { type: 3, autocomplete: true }],
  ])('%s: %o', (name, shape) => {
    expect(options.find((option) => option.name === name)).toMatchObject(shape);
  });

  test('a list of numbers is a line of text without the limits of a number', () => {
    const numbers = options.find(({ name }) => name === 'numbers');
    expect(numbers).toEqual({ type: 3, name: 'numbers', description: 'ns', required: false });
  });
});

describe('where they can be used', () => {
  test('everywhere, but for settings: in a server, by those who manage it', () => {
    for (const command of all) {
      const isSettings = command.name === 'settings';
      expect(command.contexts).toEqual(isSettings ? [0] : [0, 1, 2]);
      expect(command.integration_types).toEqual(isSettings ? [0] : [0, 1]);
      expect(command.default_member_permissions).toBe(isSettings ? String(1 << 5) : undefined);
    }
  });

  test('the menu of a message has three, named in each language', () => {
    expect(menu.map(({ name }) => name)).toEqual([
      'Apply this analogy',
      'Use as B',
      "Use as A and A'",
    ]);
    const keys = ['apply', 'useAsB', 'useAsPair'] as const;
    menu.forEach(({ name_localizations: names, description, options }, i) => {
      const key = keys[i] as (typeof keys)[number];
      expect(names).toEqual({
        de: wordsFor('de').messageCommands[key],
        ja: wordsFor('ja').messageCommands[key],
      });
      expect([description, options]).toEqual([undefined, undefined]);
      for (const name of Object.values(names ?? {})) expect(name.length).toBeLessThanOrEqual(32);
    });
  });
});

describe('Discord’s limits', () => {
  test('of numbers: 100 commands, 15 of a menu, 25 options and choices', () => {
    expect(slash.length).toBeLessThanOrEqual(100);
    expect(menu.length).toBeLessThanOrEqual(15);
    for (const { options = [], choices = [] } of slash.flatMap(within)) {
      expect(options.length).toBeLessThanOrEqual(25);
      expect(choices.length).toBeLessThanOrEqual(25);
    }
  });

  test.each(slash.map((command) => [command.name, command] as const))('of /%s', (_, command) => {
    for (const { name, description, options = [], ...each } of within(command)) {
      expect(name).toMatch(/^[-_\p{L}\p{N}]{1,32}$/u);
      expect(name).toBe(name.toLowerCase());
      const texts = [description, ...Object.values(each.description_localizations ?? {})];
      for (const text of texts)
        expect([text, text.length <= 100 && text !== '']).toEqual([text, true]);
      expect(new Set(options.map((option) => option.name)).size).toBe(options.length);
      const required = options.map((option) => option.required === true);
      expect(required).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
    }
  });

  /** As Discord counts: of each text its longest translation. */
  const sizeOf = ({ name, description, choices = [], options = [], ...rest }: Option): number =>
    name.length +
    Math.max(
      ...[description, ...Object.values(rest.description_localizations ?? {})].map((t) => t.length),
    ) +
    choices.reduce((sum, choice) => sum + choice.name.length + choice.value.length, 0) +
    options.reduce((sum, option) => sum + sizeOf(option), 0);
  test.each(slash.map((command) => [command.name, command] as const))(
    '8000 characters in /%s',
    (_, command) => expect(sizeOf(command)).toBeLessThanOrEqual(8000),
  );
});

describe('translations', () => {
  test.each(
    slash.flatMap((command) =>
      within(command).map((each) => [command.name, each.name, each] as const),
    ),
  )(
    '/%s: %s is described in German and Japanese',
    (_, __, { description, description_localizations: texts }) => {
      expect(Object.keys(texts ?? {})).toEqual(['de', 'ja']);
      expect(new Set([description, ...Object.values(texts ?? {})]).size).toBe(3);
      expect(texts?.ja).toMatch(/[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u);
    },
  );

  test('come from the commands in that language, field by field', () => {
    const find = (locale: string) => describeCommands(locale).find(({ name }) => name === 'apply');
    const apply = slash.find(({ name }) => name === 'apply');
    expect(apply?.description_localizations?.de).toBe(find('de')?.description);
    const image = apply?.options?.find(({ name }) => name === 'image');
    const picture = find('ja')?.fields.find(({ name }) => name === 'picture');
    expect(image?.description_localizations?.ja).toBe(picture?.description);
  });

  test('that say the same are left out', () => {
    const english = describeCommands('en');
    const [analogy] = definitionsOf({ describe: () => english }) as unknown as Command[];
    expect(analogy).not.toHaveProperty('description_localizations');
  });
});
