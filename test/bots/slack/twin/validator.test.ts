import { describe, expect, it } from 'vitest';
import { violations } from './validator.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (value: string, text = value) => ({ text: plain(text), value });
const press = { type: 'button', action_id: 'press:1', text: plain('Go'), value: 'go' };
const section = { type: 'section', text: plain('Text') };
const times = <Item>(count: number, item: (i: number) => Item) =>
  Array.from({ length: count }, (_, i) => item(i));

const post = (...blocks: unknown[]) =>
  violations('chat.postMessage', { channel: 'C1', text: 'Text', blocks });
const press1 = (element: object) => post({ type: 'actions', elements: [{ ...press, ...element }] });
const actions = (...elements: unknown[]) => post({ type: 'actions', elements });
const input = (element: object, more: object = {}) => ({
  type: 'input',
  label: plain('Label'),
  element: { action_id: 'value', ...element },
  ...more,
});
const modal = (blocks: unknown[], more: object = {}) => ({
  type: 'modal',
  title: plain('Title'),
  submit: plain('Start'),
  blocks,
  ...more,
});
const open = (...blocks: unknown[]) =>
  violations('views.open', { trigger_id: '1.2', view: modal(blocks) });
const view = (more: object, blocks: unknown[] = [section]) =>
  violations('views.open', { trigger_id: '1.2', view: modal(blocks, more) });
const text = (more: object = {}) => input({ type: 'plain_text_input', ...more });
const select = (more: object) => ({
  type: 'static_select',
  action_id: 'choose',
  options: [option('a')],
  ...more,
});
const image = (more: object) => ({
  type: 'image',
  alt_text: 'Alt',
  slack_file: { id: 'F123' },
  ...more,
});
const rich = (...elements: unknown[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});

it('takes what Slack takes', () => {
  const message = [
    { type: 'header', text: plain('Header') },
    { ...section, accessory: { type: 'overflow', action_id: 'menu', options: [option('a')] } },
    {
      type: 'context',
      elements: [{ type: 'mrkdwn', text: '<https://a.example|a>', verbatim: true }],
    },
    image({ title: plain('Title') }),
    { type: 'actions', elements: [press, select({ initial_option: option('a') })] },
    rich({ type: 'text', text: 'Bold', style: { bold: true } }),
    { type: 'divider' },
  ];
  expect(post(...message)).toEqual([]);
  const asked = [
    { ...text({ min_length: 1, max_length: 3000, multiline: true }), block_id: 'text' },
    input({ type: 'number_input', is_decimal_allowed: true, min_value: '-1', max_value: '2.5' }),
    input({ type: 'file_input', max_files: 1, filetypes: ['png'] }, { optional: true }),
    input({ type: 'external_select', min_query_length: 0, placeholder: plain('Choose') }),
    input({ type: 'checkboxes', options: [option('true')], initial_options: [option('true')] }),
  ];
  expect(open(...asked)).toEqual([]);
  const packed = { trigger_id: '1.2', view: JSON.stringify(modal(asked)) };
  expect(violations('views.open', packed)).toEqual([]);
  expect(violations('response_url', { delete_original: true })).toEqual([]);
  const files = JSON.stringify([{ id: 'F1', title: 'a.png' }]);
  const done = { files, channel_id: 'C1', thread_ts: '1.2' };
  expect(violations('files.completeUploadExternal', done)).toEqual([]);
  const home = { user_id: 'U1', view: { type: 'home', blocks: message } };
  expect(violations('views.publish', home)).toEqual([]);
});

const long = (count: number) => 'x'.repeat(count);

describe('catches', () => {
  const broken: [rule: string, found: string[]][] = [
    ['51 blocks', post(...times(51, () => ({ type: 'divider' })))],
    ['101 blocks of a modal', open(...times(101, () => ({ type: 'divider' })))],
    ['no block', post()],
    ['a block of no kind', post({ type: 'marquee' })],
    ['a property of no kind', post({ ...section, colour: 'red' })],
    ['a block_id twice', post({ ...section, block_id: 'a' }, { ...section, block_id: 'a' })],
    ['a long block_id', post({ ...section, block_id: long(256) })],
    ['26 elements', actions(...times(26, (i) => ({ ...press, action_id: `press:${i}` })))],
    ['no element', actions()],
    ['an element of no kind', actions({ type: 'lever' })],
    ['an input among actions', actions({ type: 'plain_text_input', action_id: 'a' })],
    ['an action_id twice', actions(press, press)],
    ['a long action_id', press1({ action_id: long(256) })],
    ['a long label', press1({ text: plain(long(76)) })],
    ['an empty label', press1({ text: plain(' ') })],
    ['a label with marks', press1({ text: { type: 'mrkdwn', text: '*Go*' } })],
    ['a long value', press1({ value: long(2001) })],
    ['a style of no kind', press1({ style: 'warning' })],
    ['a long question', press1({ confirm: { title: plain(long(101)), text: plain('?') } })],
    ['a long answer to it', press1({ confirm: { title: plain('?'), deny: plain(long(31)) } })],
    ['a long section', post({ type: 'section', text: plain(long(3001)) })],
    ['an empty section', post({ type: 'section' })],
    ['11 fields', post({ type: 'section', fields: times(11, () => plain('a')) })],
    ['a long field', post({ type: 'section', fields: [plain(long(2001))] })],
    ['a long header', post({ type: 'header', text: plain(long(151)) })],
    ['11 texts in small print', post({ type: 'context', elements: times(11, () => plain('a')) })],
    [
      'emoji in mrkdwn',
      post({ type: 'section', text: { type: 'mrkdwn', text: 'a', emoji: true } }),
    ],
    [
      '6 options of a menu',
      actions({ type: 'overflow', options: times(6, (i) => option(`${i}`)) }),
    ],
    ['101 options', actions(select({ options: times(101, (i) => option(`${i}`)) }))],
    ['no option', actions(select({ options: [] }))],
    ['a value twice', actions(select({ options: [option('a'), option('a', 'b')] }))],
    ['a long option', actions(select({ options: [option('a', long(76))] }))],
    ['a long value of an option', actions(select({ options: [option(long(151))] }))],
    ['a long placeholder', actions(select({ placeholder: plain(long(151)) }))],
    ['a choice that is not offered', actions(select({ initial_option: option('b') }))],
    ['a picture without a description', post(image({ alt_text: '' }))],
    ['a long description', post(image({ alt_text: long(2001) }))],
    ['a picture of nowhere', post({ type: 'image', alt_text: 'Alt' })],
    ['a file that was not filled in', post(image({ slack_file: { id: 'file:a.png' } }))],
    ['an empty rich text', post(rich({ type: 'text', text: '' }))],
    ['a call of everybody', post({ type: 'section', text: { type: 'mrkdwn', text: '<!here>' } })],
    ['too much text', post(...times(5, () => ({ type: 'section', text: plain(long(2900)) })))],
    [
      'a message without text',
      violations('chat.postMessage', { channel: 'C1', blocks: [section] }),
    ],
    ['a long text', violations('chat.postMessage', { channel: 'C1', text: long(4001) })],
    ['a call in the text', violations('chat.postMessage', { channel: 'C1', text: '<!channel>' })],
    ['no channel', violations('chat.postMessage', { text: 'Text' })],
    ['no message to change', violations('chat.update', { channel: 'C1', text: 'Text' })],
    ['nobody to show it to', violations('chat.postEphemeral', { channel: 'C1', text: 'Text' })],
    ['an answer to nobody', violations('response_url', { text: 'a', response_type: 'all' })],
    ['a long title', view({ title: plain(long(25)) })],
    ['a long submit', view({ submit: plain(long(25)) })],
    ['a long close', view({ close: plain(long(25)) })],
    ['long metadata', view({ private_metadata: long(3001) })],
    ['a long callback_id', view({ callback_id: long(256) })],
    ['inputs without a submit', view({ submit: undefined }, [text()])],
    [
      'a modal as the Home tab',
      violations('views.publish', { user_id: 'U1', view: modal([section]) }),
    ],
    ['no trigger', violations('views.open', { view: modal([section]) })],
    ['a view of nowhere', violations('views.update', { view: modal([section]) })],
    [
      'a long label of an input',
      open(input({ type: 'plain_text_input' }, { label: plain(long(2001)) })),
    ],
    ['a button as an input', open(input(press))],
    ['a length above 3000', open(text({ max_length: 3001 }))],
    ['a length that nothing has', open(text({ min_length: 5, max_length: 4 }))],
    ['a long initial value', open(text({ max_length: 2, initial_value: 'abc' }))],
    [
      'a number as a number',
      open(input({ type: 'number_input', is_decimal_allowed: true, min_value: 1 })),
    ],
    ['a number input that says little', open(input({ type: 'number_input' }))],
    [
      'a query of less than nothing',
      open(input({ type: 'external_select', min_query_length: -1 })),
    ],
    ['11 files', open(input({ type: 'file_input', max_files: 11 }))],
    ['types of files that are none', open(input({ type: 'file_input', filetypes: ['.png'] }))],
    ['files in a message', post(input({ type: 'file_input' }))],
    ['11 boxes', open(input({ type: 'checkboxes', options: times(11, (i) => option(`${i}`)) }))],
    ['two focuses', open(text({ focus_on_load: true }), text({ focus_on_load: true }))],
    ['no uploaded file', violations('files.completeUploadExternal', { files: [] })],
    [
      'a thread without a channel',
      violations('files.completeUploadExternal', { files: [{ id: 'F1' }], thread_ts: '1.2' }),
    ],
    ['what is no object', violations('chat.postMessage', 'Text')],
  ];

  it.each(broken)('%s', (_, found) => {
    expect(found).not.toEqual([]);
  });

  it('each of them once or, where one thing breaks two rules, twice', () => {
    for (const [rule, found] of broken) expect(found.length, `${rule}: ${found}`).toBeLessThan(3);
  });
});
