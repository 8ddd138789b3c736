import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  analogyModal,
  applyModal,
  errorsOf,
  missingIn,
  modalOf,
  options,
  type State,
  settingsModal,
  usePicturesModal,
  usesOf,
  valuesOf,
} from '../../../src/bots/slack/modals/index.ts';
import { settingsCommand } from '../../../src/commands/admin.ts';
import type { Field } from '../../../src/commands/port.ts';
import { violations } from './twin/validator.ts';

const dialog = { callbackId: 'do', privateMetadata: '{"c":"C1"}', locale: 'en-US' };
// Only described, never run.
const settings = settingsCommand({} as Parameters<typeof settingsCommand>[0]).fields;

type Json = Record<string, unknown>;
type Modal = ReturnType<typeof modalOf>;

/** Inputs by their names. */
function inputsOf(modal: Modal): Record<string, Json & { element: Json }> {
  expect(violations('views.open', { trigger_id: '1.2', view: modal })).toEqual([]);
  const blocks = modal.blocks as readonly unknown[] as readonly Json[];
  const inputs = blocks.filter(({ type }) => type === 'input');
  return Object.fromEntries(inputs.map((each) => [each.block_id, each]));
}

const field = (kind: Field['kind'], more: Partial<Field> = {}): Field => {
  return { name: kind, kind, description: `A ${kind}`, required: true, ...more };
};

describe('a dialog of fields', () => {
  const fields = [
    field('picture', { required: false }),
    field('file'),
    field('text', { min: 1, max: 64 }),
    field('number', { min: -10, max: 10 }),
    field('numbers', { min: -100, max: 100, required: false }),
    field('choice', { choices: ['weaker', 'stronger'] }),
    field('flag'),
    field('analogy'),
    field('job'),
  ];

  it('asks for each in its way', () => {
    const inputs = inputsOf(modalOf({ ...dialog, title: 'Combine …', fields }));
    expect(Object.keys(inputs)).toEqual(fields.map(({ name }) => name));
    const types = Object.values(inputs).map(({ element }) => element.type);
    expect(types).toEqual([
      'file_input',
      'file_input',
      'plain_text_input',
      'number_input',
      'plain_text_input',
      'static_select',
      'checkboxes',
      'external_select',
      'plain_text_input',
    ]);
    expect(inputs.picture).toMatchObject({ optional: true, element: { max_files: 1 } });
    expect(inputs.text).toMatchObject({
      optional: false,
      element: { min_length: 1, max_length: 64 },
    });
    expect(inputs.number?.element).toMatchObject({ min_value: '-10', max_value: '10' });
    expect(inputs.numbers?.hint).toMatchObject({ text: 'A numbers (−100 to 100)' });
    // A box that is not ticked is an answer.
    expect(inputs.flag).toMatchObject({ optional: true });
  });

  it('offers names that are known', () => {
    const analogies = ['old', 'smile', 'smile', ' ', 'x'.repeat(151)];
    const asked = [field('analogy')];
    const inputs = inputsOf(modalOf({ ...dialog, title: 'Combine', fields: asked, analogies }));
    expect(inputs.analogy?.element).toMatchObject({
      type: 'static_select',
      options: options(['old', 'smile']),
    });
    expect(options(Array.from({ length: 150 }, (_, i) => `n${i}`))).toHaveLength(100);
  });

  it('is one that Slack takes, whatever the fields are', () => {
    const kinds = fields.map(({ kind }) => kind);
    const any = fc.record({
      kind: fc.constantFrom(...kinds),
      description: fc.string({ maxLength: 3000 }),
      required: fc.boolean(),
      min: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
      max: fc.option(fc.integer({ min: 10, max: 9000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 20 }), fc.string(), (given, title) => {
        const asked = given.map((each, i) => {
          return { ...each, name: `field${i}`, choices: ['a', 'b'] };
        });
        const inputs = inputsOf(modalOf({ ...dialog, title: title.repeat(5), fields: asked }));
        expect(Object.keys(inputs)).toHaveLength(asked.length);
      }),
    );
  });
});

describe('settings', () => {
  it('may all be left as they are, and say what they are', () => {
    const lines = ['Saved.', 'enabled: yes', 'blocked: U1, U2', 'perday: no limit'];
    const inputs = inputsOf(settingsModal({ ...dialog, fields: settings, lines }));
    expect(Object.values(inputs).every(({ optional }) => optional === true)).toBe(true);
    expect(inputs.blocked?.hint).toMatchObject({ text: expect.stringMatching(/ · Now: U1, U2$/) });
    expect(inputs.cells?.hint).not.toMatchObject({ text: expect.stringContaining('Now') });
    // Neither yes nor no: a box could not say so.
    expect(inputs.enabled?.element).toMatchObject({ type: 'static_select' });
  });

  it('are those that mean something in Slack', () => {
    const names = Object.keys(inputsOf(settingsModal({ ...dialog, fields: settings })));
    expect(names).toContain('perday');
    for (const name of ['roles', 'roleperday', 'agerestricted']) expect(names).not.toContain(name);
  });
});

describe('dialogs of pictures', () => {
  it('a new analogy: A, A′, a saved one instead, B, the dials, where', () => {
    const names = Object.keys(inputsOf(analogyModal(dialog)));
    const rest = ['analogy', 'picture', 'strengths', 'guidance', 'text', 'where'];
    expect(names).toEqual(['before', 'after', ...rest]);
  });

  it.each(['en', 'de', 'ja'])('takes up to five pairs in %s', (locale) => {
    for (const pairs of [1, 2, 5, 9]) {
      const modal = analogyModal({ ...dialog, locale, pairs });
      const names = Object.keys(inputsOf(modal)).filter((name) => name.startsWith('before'));
      expect(names).toHaveLength(Math.min(pairs, 5));
      const adds = JSON.stringify(modal).includes('pair:add');
      expect(adds).toBe(pairs < 5);
    }
  });

  it('asks for the channel where none is known', () => {
    const inputs = inputsOf(analogyModal({ ...dialog, place: 'ask' }));
    expect(inputs.where).toBeUndefined();
    expect(inputs.channel?.element).toMatchObject({ default_to_current_conversation: true });
  });

  it('a result’s analogy on another picture', () => {
    const inputs = inputsOf(applyModal(dialog));
    expect(inputs.picture).toMatchObject({ optional: false });
    expect(inputs.where?.element).toMatchObject({ initial_option: { value: 'here' } });
  });

  it.each([
    [['cat.png'], ['picture']],
    [
      ['1.png', '2.png'],
      ['before', 'after'],
    ],
    [
      ['1.png', '2.png', '', '4.png'],
      ['before', 'after', 'picture', 'none'],
    ],
  ])('what pictures of a message are used as: %j', (names, uses) => {
    const inputs = inputsOf(usePicturesModal({ ...dialog, names }));
    const chosen = names.map((_, i) => inputs[`use${i + 1}`]?.element.initial_option);
    expect(chosen).toMatchObject(uses.map((value) => ({ value })));
    const third = inputs.use3?.label;
    if (names.length > 2) expect(third).toMatchObject({ text: 'Picture 3' });
  });
});

describe('answers', () => {
  const state: State = {
    text: { value: { type: 'plain_text_input', value: ' a hat ' } },
    strengths: { value: { type: 'plain_text_input', value: null } },
    guidance: { value: { type: 'number_input', value: '2' } },
    enabled: { value: { type: 'checkboxes', selected_options: [] } },
    spoilers: { value: { type: 'checkboxes', selected_options: [{ value: 'true' }] } },
    analogy: { value: { type: 'external_select', selected_option: { value: 'old' } } },
    where: { value: { type: 'static_select', selected_option: null } },
    channel: { value: { type: 'conversations_select', selected_conversation: 'C1' } },
    before: { value: { type: 'file_input', files: [{ id: 'F1' }] } },
    after: { value: { type: 'file_input', files: [] } },
  };

  it('are named as what was asked; what was left empty is not there', () => {
    expect(valuesOf(state)).toEqual({
      values: {
        text: 'a hat',
        guidance: '2',
        enabled: 'false',
        spoilers: 'true',
        analogy: 'old',
        channel: 'C1',
      },
      files: { before: ['F1'] },
    });
  });

  it('that are refused: below the field that is meant', () => {
    const problem = { sentence: 'guidance cannot be used: it is no number.', next: 'Correct it.' };
    expect(errorsOf(problem, ['text', 'guidance'])).toEqual({
      guidance: 'guidance cannot be used: it is no number. Correct it.',
    });
    expect(Object.keys(errorsOf({ sentence: 'No.', next: '' }, ['text', 'name']))).toEqual([
      'text',
    ]);
    expect(errorsOf(problem, [])).toEqual({});
  });

  const given = (files: string[], values: Record<string, string> = {}) => ({
    values,
    files: Object.fromEntries(files.map((name) => [name, ['F1']])),
  });

  it.each<[string[], Record<string, string>, string[] | undefined]>([
    [['before', 'after', 'picture'], {}, undefined],
    [['picture'], { analogy: 'old' }, undefined],
    [['before', 'after', 'before2', 'after2', 'picture'], {}, undefined],
    [[], {}, ['before', 'picture']],
    [['before', 'picture'], {}, ['after']],
    [['before', 'after', 'after3', 'picture'], {}, ['before3']],
    [['before2', 'after2', 'picture'], {}, ['before']],
    [['before', 'after', 'picture'], { analogy: 'old' }, ['analogy']],
  ])('of a new analogy: %j with %j', (files, values, wrong) => {
    const missing = missingIn(given(files, values), 'en');
    expect(missing && Object.keys(missing)).toEqual(wrong);
  });

  it.each<[Record<string, string>, string[], Record<string, string> | string[]]>([
    [
      { use1: 'before', use2: 'after', use3: 'picture' },
      [],
      { before: 'F1', after: 'F2', picture: 'F3' },
    ],
    [{ use1: 'before', use2: 'after', use3: 'none' }, ['picture'], { before: 'F1', after: 'F2' }],
    [{ use1: 'picture', use2: 'none', analogy: 'old' }, [], { picture: 'F1' }],
    [{ use1: 'before', use2: 'before', use3: 'picture' }, [], ['use2', 'analogy']],
    [{ use1: 'picture', use2: 'none' }, [], ['analogy']],
    [{ use1: 'before', use2: 'after' }, [], ['picture']],
    [{ use1: 'picture', analogy: 'old' }, ['picture'], ['picture']],
    [{ use1: 'before', use2: 'after', use3: 'picture', analogy: 'old' }, [], ['analogy']],
  ])('of pictures of a message: %j and %j', (values, files, expected) => {
    const used = usesOf(given(files, values), ['F1', 'F2', 'F3'], 'en');
    if (used.ok) expect(used.uses).toEqual(expected);
    else expect(Object.keys(used.errors)).toEqual(expected);
  });
});
