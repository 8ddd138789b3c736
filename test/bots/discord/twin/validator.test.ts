import { describe, expect, test } from 'vitest';
import {
  base,
  button,
  callback,
  create,
  edit,
  type Files,
  gallery,
  many,
  media,
  option,
  png,
  request,
  row,
  select,
  text,
  V2,
} from './bodies.ts';
import { againstDocument } from './openapi.ts';
import type { JsonObject } from './shapes.ts';
import { violations } from './validator.ts';

test('right messages pass, whichever way they go', () => {
  const body = {
    ...base,
    components: [
      { type: 17, components: [text('Hello'), gallery(media('a.png')), { type: 14 }] },
      { type: 9, components: [text('There')], accessory: button('more') },
      row(button('a'), { type: 2, style: 5, label: 'Away', url: 'https://example.org/' }),
      select([option('x'), option('y', { default: true })]),
    ],
    attachments: [{ id: '0', description: 'A' }],
  };
  for (const path of ['/channels/1/messages', '/webhooks/1/token']) {
    expect(violations(request('POST', path, body, [png]))).toEqual([]);
  }
  const loading = { flags: 128, attachments: [], components: [] };
  for (const path of ['/channels/1/messages/2', '/webhooks/1/token/messages/@original']) {
    expect(violations(request('PATCH', path, body, [png], loading))).toEqual([]);
  }
  const { attachments: _none, ...rest } = body;
  const answer = { type: 4, data: { ...rest, components: [text('Hello')] } };
  expect(violations(request('POST', '/interactions/1/t/callback', answer))).toEqual([]);
  expect(violations(request('GET', '/channels/1/messages', undefined))).toEqual([]);
  expect(create({ flags: 0, content: 'Plain' })).toEqual([]);
  expect(callback(6)).toEqual([]);
});

describe('messages', () => {
  const buttons = (count: number) => many(count, (index) => button(`b${index}`));
  const cases: Record<string, [JsonObject, string, Files?]> = {
    'a forty-first component': [{ components: many(41, () => text('x')) }, '41 components'],
    'forty-one nested ones': [
      {
        components: many(3, (index) => ({
          type: 17,
          components: many(13, () => text(`${index}`)),
        })),
      },
      '42 components',
    ],
    'content with V2': [{ components: [text('x')], content: 'y' }, 'content together'],
    'embeds with V2': [{ components: [text('x')], embeds: [{ title: 'y' }] }, 'embeds together'],
    'a poll with V2': [
      {
        components: [text('x')],
        poll: { question: { text: 'q' }, answers: [{ poll_media: { text: 'a' } }] },
      },
      'poll together',
    ],
    'V2 without components': [{}, 'without components'],
    'layout without V2': [{ flags: 0, components: [text('x')] }, 'without the V2 flag'],
    'six rows without V2': [
      { flags: 0, components: many(6, (index) => row(button(`b${index}`))) },
      '6 rows',
    ],
    'a row of six': [{ components: [row(...buttons(6))] }, '1 to 5 buttons'],
    'an empty row': [{ components: [row()] }, '1 to 5 buttons'],
    'a button beside a select': [
      { components: [row(button('a'), { type: 3, custom_id: 's', options: [option('x')] })] },
      '1 to 5 buttons',
    ],
    'an id twice': [{ components: [row(button('a')), row(button('a'))] }, 'occurs twice: a'],
    'an id of 101': [{ components: [row(button('a'.repeat(101)))] }, 'custom_id of 101'],
    'a label of 81': [
      { components: [row(button('a', { label: 'x'.repeat(81) }))] },
      'label over 80',
    ],
    'no label': [{ components: [row(button('a', { label: '' }))] }, 'neither label nor emoji'],
    'a link with an id': [{ components: [row(button('a', { style: 5 }))] }, 'a link has an url'],
    '26 options': [{ components: [select(many(26, (i) => option(`${i}`)))] }, '26 options'],
    'a value of 101': [{ components: [select([option('x'.repeat(101))])] }, 'value over 100'],
    'a value twice': [{ components: [select([option('x'), option('x')])] }, 'a value occurs twice'],
    'an option label of 101': [
      { components: [select([option('x', { label: 'y'.repeat(101) })])] },
      'label over 100',
    ],
    'a placeholder of 151': [
      { components: [select([option('x')], { placeholder: 'y'.repeat(151) })] },
      'placeholder over 150',
    ],
    'more values than options': [
      { components: [select([option('x')], { max_values: 2 })] },
      'of 1',
    ],
    'two defaults': [
      { components: [select([option('x', { default: true }), option('y', { default: true })])] },
      '2 options are the default',
    ],
    '4001 characters': [
      { components: [text('x'.repeat(2001)), text('y'.repeat(2000))] },
      '4001 characters',
    ],
    'an empty text': [{ components: [text('')] }, 'a text is empty'],
    'an empty gallery': [{ components: [gallery()] }, 'a gallery of 0'],
    'a gallery of eleven': [
      { components: [gallery(...many(11, () => media('a.png')))] },
      'a gallery of 11',
      [png],
    ],
    'an alt text of 1025': [
      { components: [gallery(media('a.png', 'x'.repeat(1025)))] },
      'alt text is over',
      [png],
    ],
    'a file that is not there': [{ components: [gallery(media('b.png'))] }, 'attachment://b.png'],
    'a file that nobody names': [{ components: [text('x')] }, 'no component names', [png]],
    'eleven files': [
      {
        components: many(2, (at) =>
          gallery(...many(at === 0 ? 10 : 1, (index) => media(`${at * 10 + index}.png`))),
        ),
      },
      '11 files',
      many(11, (index) => ({ name: `${index}.png`, size: 1 })),
    ],
    'a name twice': [{ components: [gallery(media('a.png'))] }, 'the same name', [png, png]],
    'a name with a space': [
      { components: [gallery(media('a b.png'))] },
      'renames',
      [{ name: 'a b.png', size: 1 }],
    ],
    'over 25 MiB': [
      { components: [gallery(media('a.png'))] },
      'bytes of files',
      [{ name: 'a.png', size: 25 * 1024 * 1024 + 1 }],
    ],
    'a container in a container': [
      { components: [{ type: 17, components: [{ type: 17, components: [text('x')] }] }] },
      'in a container',
    ],
    'four texts in a section': [
      { components: [{ type: 9, components: many(4, () => text('x')), accessory: button('a') }] },
      'a section of 4',
    ],
    'no allowed_mentions': [
      { components: [text('x')], allowed_mentions: undefined },
      'empty parse',
    ],
    'mentions of everyone': [
      { components: [text('x')], allowed_mentions: { parse: ['everyone'] } },
      'empty parse',
    ],
    'a type that no message has': [{ components: [{ type: 19, custom_id: 'f' }] }, 'document'],
  };
  for (const [name, [body, part, files]] of Object.entries(cases)) {
    test(name, () => {
      expect(create(body, files).join('\n')).toContain(part);
    });
  }
});

describe('edits', () => {
  const file = (id: string, filename: string) => ({ id, filename });
  const before = {
    flags: V2,
    attachments: [file('7', 'a.png')],
    components: [{ type: 12, items: [{ media: { url: 'http://x/a.png', attachment_id: '7' } }] }],
  };
  test('a right one passes', () => {
    const components = [gallery(media('a.png'), media('b.png'))];
    const attachments = [{ id: '7' }, { id: '0' }];
    expect(edit({ components, attachments }, before, [{ name: 'b.png', size: 1 }])).toEqual([]);
    expect(edit({ components: [gallery(media('a.png'))] }, before)).toEqual([]);
  });
  test('the V2 flag is never taken away', () => {
    expect(edit({ components: [text('x')], flags: 4 }, before)).toEqual([
      'the edit takes the V2 flag away',
    ]);
    expect(edit({ content: 'x' }, before)).toEqual(['content together with V2']);
  });
  test('what was kept and what was dropped is known', () => {
    const components = [gallery(media('a.png'))];
    expect(edit({ components, attachments: [] }, before).join()).toContain('attachment://a.png');
    expect(edit({ attachments: [] }, before).join()).toContain('still shows the file 7');
    expect(edit({ components, attachments: [{ id: '7' }, { id: '9' }] }, before).join()).toContain(
      'lists 9, which is neither',
    );
    const both = [gallery(media('a.png'), media('b.png'))];
    const list = edit({ components: both, attachments: [{ id: '7' }] }, before, [
      { name: 'b.png', size: 1 },
    ]);
    expect(list).toEqual(['attachments does not list the new file b.png']);
  });
  test('the first edit of a deferred reply could ping somebody', () => {
    const loading = { flags: 128, attachments: [], components: [] };
    const body = { flags: V2, components: [text('x')] };
    expect(edit(body, loading)).toEqual(['allowed_mentions does not have an empty parse']);
    expect(edit(body, { ...loading, flags: V2 })).toEqual([]);
  });
});

describe('callbacks', () => {
  test('a deferred reply is ephemeral or not, and nothing else', () => {
    expect(callback(5)).toEqual([]);
    expect(callback(5, { flags: 64 })).toEqual([]);
    expect(callback(5, { flags: V2 }).join()).toContain('no flags but EPHEMERAL');
    expect(callback(5, { content: 'x' }).join()).toContain('takes no content');
  });
  test('choices of an autocomplete', () => {
    const choices = (count: number, name: string) => ({
      choices: many(count, () => ({ name, value: 'v' })),
    });
    expect(callback(8, choices(25, 'x'))).toEqual([]);
    expect(callback(8, choices(26, 'x')).join()).toContain('26 choices');
    expect(callback(8, choices(1, 'x'.repeat(101))).join()).toContain('101 characters');
    const long = { choices: [{ name: 'x', value: 'v'.repeat(101) }] };
    expect(callback(8, long).join()).toContain('value over 100');
  });
  test('an unknown type, and an update by the rules of messages', () => {
    expect(callback(99)).toEqual(['a callback of type 99']);
    expect(callback(7, { flags: V2, components: [text('')] }).join()).toContain('a text is empty');
  });
});

test("Discord's document is what it is held against", () => {
  expect(againstDocument('MessageCreateRequest', { content: 'x' })).toEqual([]);
  const [first] = againstDocument('MessageCreateRequest', { components: [{ type: 10 }] });
  expect(first).toContain('components.0.content');
  expect(() => againstDocument('Nothing', {})).toThrow('no Nothing');
});
