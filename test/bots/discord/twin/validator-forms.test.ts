import { describe, expect, test } from 'vitest';
import { button, callback, gallery, many, media, option, request, text } from './bodies.ts';
import type { JsonObject } from './shapes.ts';
import { violations } from './validator.ts';

describe('modals', () => {
  const input = (more: JsonObject = {}) => ({ type: 4, custom_id: 'text', style: 1, ...more });
  const label = (component: JsonObject, more: JsonObject = {}) => ({
    type: 18,
    label: 'Text',
    component,
    ...more,
  });
  const upload = (more: JsonObject = {}) => ({ type: 19, custom_id: 'files', ...more });
  const modal = (...components: JsonObject[]) => ({ custom_id: 'm', title: 'Modal', components });
  test('a right one passes', () => {
    const strings = { type: 3, custom_id: 's', options: [option('x')], required: false };
    const inputs = label(input({ min_length: 0, max_length: 10, value: 'x', required: false }));
    const files = label(upload({ min_values: 0, max_values: 10, required: false }));
    expect(callback(9, modal(text('Hello'), inputs, files, label(strings)))).toEqual([]);
  });
  const cases: Record<string, [JsonObject, string]> = {
    'no component': [modal(), 'a modal of 0'],
    'six components': [
      modal(...many(6, (i) => label(input({ custom_id: `${i}` })))),
      'a modal of 6',
    ],
    'a title of 46': [{ ...modal(label(input())), title: 'x'.repeat(46) }, 'a title of 46'],
    'an id of 101': [{ ...modal(label(input())), custom_id: 'x'.repeat(101) }, 'custom_id of 101'],
    'a label of 46': [modal(label(input(), { label: 'x'.repeat(46) })), 'label of 46'],
    'a description of 101': [modal(label(input(), { description: 'x'.repeat(101) })), 'over 100'],
    'a button': [modal(label(button('b'))), 'cannot hold type 2'],
    'a gallery': [modal(gallery(media('a.png'))), 'takes no type 12'],
    'an id twice': [modal(label(input()), label(input())), 'occurs twice'],
    'something disabled': [
      modal(label({ type: 3, custom_id: 's', options: [option('x')], disabled: true })),
      'disabled',
    ],
    'a label twice': [modal(label(input({ label: 'x' }))), 'a label of its own'],
    'a minimum over the maximum': [
      modal(label(input({ min_length: 9, max_length: 8 }))),
      'over max',
    ],
    'a maximum of 4001': [modal(label(input({ max_length: 4001 }))), 'max_length 4001'],
    'a value that is too long': [modal(label(input({ max_length: 1, value: 'xx' }))), 'value over'],
    'a placeholder of 101': [modal(label(input({ placeholder: 'x'.repeat(101) }))), 'placeholder'],
    'no style': [modal(label({ type: 4, custom_id: 'x' })), 'style'],
    'eleven files': [modal(label(upload({ max_values: 11 }))), '11 files'],
    'no file at all': [modal(label(upload({ min_values: 0, max_values: 0 }))), '0 to 0 files'],
    '26 options': [
      modal(label({ type: 3, custom_id: 's', options: many(26, (i) => option(`${i}`)) })),
      '26 options',
    ],
  };
  for (const [name, [data, part]] of Object.entries(cases)) {
    test(name, () => {
      expect(callback(9, data).join('\n')).toContain(part);
    });
  }
});

describe('commands', () => {
  const command = (more: JsonObject = {}) => ({ name: 'likewise', description: 'Edits', ...more });
  const text = (name: string, more: JsonObject = {}) => ({
    type: 3,
    name,
    description: 'A text',
    ...more,
  });
  const put = (...body: JsonObject[]) =>
    violations(request('PUT', '/applications/1/guilds/2/commands', body));
  test('right ones pass, by every method', () => {
    const right = command({
      name_localizations: { de: 'ebenso', ja: '類似' },
      default_member_permissions: '32',
      options: [text('a', { required: true }), text('b', { choices: [{ name: 'B', value: 'b' }] })],
    });
    expect(put(right, { name: 'Use this', type: 3 })).toEqual([]);
    expect(violations(request('POST', '/applications/1/commands', right))).toEqual([]);
    expect(violations(request('PATCH', '/applications/1/commands/5', { name: 'x' }))).toEqual([]);
  });
  const cases: Record<string, [JsonObject, string]> = {
    'a capital': [command({ name: 'Likewise' }), 'the name Likewise'],
    'a space': [command({ name: 'like wise' }), 'the name like wise'],
    'a translation with a space': [command({ name_localizations: { de: 'ja ja' } }), 'ja ja'],
    'an unknown locale': [command({ name_localizations: { 'de-DE': 'x' } }), 'no locale'],
    'a description of 101': [command({ description: 'x'.repeat(101) }), '101 characters'],
    'no description': [{ name: 'x' }, 'description is missing'],
    '26 options': [command({ options: many(26, (i) => text(`o${i}`)) }), '26 options'],
    'required last': [
      command({ options: [text('a'), text('b', { required: true })] }),
      'a required option after',
    ],
    'an option twice': [command({ options: [text('a'), text('a')] }), "an option's name"],
    '26 choices': [
      command({
        options: [text('a', { choices: many(26, (i) => ({ name: `${i}`, value: `${i}` })) })],
      }),
      '26 choices',
    ],
    'choices and autocomplete': [
      command({
        options: [text('a', { autocomplete: true, choices: [{ name: 'x', value: 'x' }] })],
      }),
      'both choices',
    ],
    'over 8000 characters': [
      command({
        options: many(25, (o) =>
          text(`o${o}`, {
            choices: many(25, (c) => ({ name: `${c}`.padEnd(10, 'x'), value: `${c}` })),
            description: 'x'.repeat(100),
          }),
        ),
      }),
      'characters in all',
    ],
    'a context menu with a description': [
      { name: 'X', type: 3, description: 'x' },
      'no description',
    ],
    'an option beside a subcommand': [
      command({ options: [text('a'), { type: 1, name: 's', description: 'S' }] }),
      'beside subcommands',
    ],
  };
  for (const [name, [body, part]] of Object.entries(cases)) {
    test(name, () => {
      expect(put(body).join('\n')).toContain(part);
    });
  }
  test('the same name twice, and sixteen message commands', () => {
    expect(put(command(), command()).join()).toContain('name occurs twice');
    const menus = many(16, (index) => ({ name: `M${index}`, type: 3 }));
    expect(put(...menus).join()).toContain('16 commands of type 3');
  });
});
