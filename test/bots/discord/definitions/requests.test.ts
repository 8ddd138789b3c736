import { describe, expect, test } from 'vitest';
import {
  definitionsOf,
  focusedOf,
  messageCommandOf,
  requestOf,
} from '../../../../src/bots/discord/definitions/index.ts';
import { type Placement, placements } from '../../../../src/bots/discord/definitions/placements.ts';
import type { Field, FieldKind } from '../../../../src/commands/index.ts';
import { describeCommands } from '../described.ts';
import { called, type Given, typed } from './interactions.ts';

interface Option {
  readonly type: number;
  readonly name: string;
  readonly autocomplete?: boolean;
  readonly options?: readonly Option[];
}
const definitions = definitionsOf({ describe: describeCommands }) as unknown as readonly Option[];

const commands = describeCommands('en').map((command) => {
  const placement: Placement = placements[command.name as keyof typeof placements];
  const path = [placement.command, ...(placement.subcommand ? [placement.subcommand] : [])];
  const outer = definitions.find(({ name }) => name === path[0])?.options ?? [];
  const options = path[1] ? (outer.find(({ name }) => name === path[1])?.options ?? []) : outer;
  return { command, path, options, placement };
});

/** Fields, and the option that each became: by its place, since the order is the same. */
const offered = ({ command, placement, options }: (typeof commands)[number]) =>
  command.fields
    .filter(({ name }) => !placement.dialog?.includes(name))
    .map((field, i) => [field, options[i] as Option] as const);

const values: Record<FieldKind, unknown> = {
  picture: '7000000000000000001',
  file: '7000000000000000002',
  text: 'words, and more',
  number: -1.25,
  numbers: '0, 0.5, 1',
  choice: 'weaker',
  flag: false,
  analogy: 'glasses',
  job: 'job-1',
};
const isFile = ({ kind }: Field) => kind === 'picture' || kind === 'file';

describe('requestOf', () => {
  test.each(commands.map((each) => [each.path.join(' '), each] as const))(
    '/%s: every option is its field again',
    (_, each) => {
      const given = offered(each).map(
        ([{ kind }, { name, type }]): Given => [name, type, values[kind]],
      );
      const { command, input, attachments, ...wishes } = requestOf(called(each.path, given));
      expect(command).toBe(each.command.name);
      const fields = offered(each).map(([field]) => field);
      expect(input).toEqual(
        Object.fromEntries(
          fields.filter((field) => !isFile(field)).map(({ name, kind }) => [name, values[kind]]),
        ),
      );
      expect(Object.keys(attachments)).toEqual(fields.filter(isFile).map(({ name }) => name));
      for (const field of fields.filter(isFile)) {
        expect(attachments[field.name]).toMatchObject({ id: values[field.kind], size: 7 });
      }
      expect(wishes).toEqual({});
    },
  );

  test.each(commands.map((each) => [each.path.join(' '), each] as const))(
    '/%s: without options there is nothing',
    (_, { path, command }) => {
      const nothing = { command: command.name, input: {}, attachments: {} };
      expect(requestOf(called(path, []))).toEqual(nothing);
    },
  );

  test('what Discord’s commands ask for besides is no input', () => {
    const given: Given[] = [
      ['pairs', 5, true],
      ['private', 5, false],
      ['spoiler', 5, true],
    ];
    expect(requestOf(called(['analogy'], given))).toEqual({
      command: 'analogy',
      input: {},
      attachments: {},
      pairs: true,
      private: false,
      spoiler: true,
    });
    // Elsewhere an option of that name would be a field.
    expect(requestOf(called(['cancel'], [['private', 5, true]]))).toMatchObject({
      input: { private: true },
    });
  });

  test.each([
    ['roles', '<@&12345678901234567>', '12345678901234567'],
    ['roles', '<@&1><@&2> 3', '1 2 3'],
    ['blocked', '<@1>, <@!2>', '1, 2'],
    ['roleperday', '<@&1>=20, <@&2>=5', '1=20, 2=5'],
  ])('mentions in settings are ids: %s %s', (name, text, ids) => {
    const { input } = requestOf(called(['settings'], [[name, 3, text]]));
    expect(input).toEqual({ [name]: ids });
  });

  test('mentions elsewhere are words', () => {
    const given: Given[] = [['text', 3, 'like <@1>']];
    expect(requestOf(called(['analogy'], given)).input).toEqual({ text: 'like <@1>' });
  });

  test('what is not there, or no more, is passed on for the commands to refuse', () => {
    const old: Given[] = [['old', 3, 'x']];
    expect(requestOf(called(['apply'], old))).toMatchObject({
      command: 'apply',
      input: { old: 'x' },
    });
    expect(requestOf(called(['gone'], old)).command).toBe('gone');
    expect(requestOf(called(['library', 'gone'], old)).command).toBe('library gone');
  });
});

describe('focusedOf', () => {
  test.each(
    commands.flatMap((each) =>
      offered(each).map(
        ([field, option]) => [each.path.join(' '), option.name, each.path, field, option] as const,
      ),
    ),
  )('/%s %s', (_, name, path, { kind }, { type, autocomplete }) => {
    const focused = focusedOf(typed(path, [[name, type, 'gla']], name));
    const isCompleted = kind === 'analogy' || kind === 'job';
    expect(autocomplete === true).toBe(isCompleted);
    expect(focused).toEqual(isCompleted ? { kind, text: 'gla' } : undefined);
  });

  test('is about the option that is typed, not the others', () => {
    const given: Given[] = [
      ['analogy', 3, 'glasses'],
      ['job', 3, 'ab'],
    ];
    expect(focusedOf(typed(['apply'], given, 'job'))).toEqual({ kind: 'job', text: 'ab' });
  });
});

test('messageCommandOf: by the name that it is registered under', () => {
  const menu = definitions
    .filter(({ type }) => type === 3)
    .map(({ name }) => messageCommandOf(name));
  expect(menu).toEqual(['apply', 'useAsB', 'useAsPair']);
  expect(messageCommandOf('Translate')).toBeUndefined();
});
