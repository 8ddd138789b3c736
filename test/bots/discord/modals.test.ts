import { Client, ComponentType, ModalSubmitInteraction, TextInputStyle } from 'discord.js';
import { describe, expect, it } from 'vitest';
import {
  applyModal,
  modalOf,
  morePairsModal,
  useAsBModal,
  useAsPairModal,
  valuesOf,
} from '../../../src/bots/discord/modals.ts';
import { languages } from '../../../src/bots/discord/words/index.ts';
import { dialogs } from '../../../src/commands/buttons.ts';
import { fieldsOf } from '../../../src/commands/fields.ts';
import type { Field } from '../../../src/commands/port.ts';
import { textsFor } from '../../../src/commands/texts/index.ts';
import { expectSendableModal } from './messages/discord-checks.ts';

type Modal = ReturnType<typeof modalOf>;

function sendable(modal: Modal): Modal {
  expectSendableModal(modal);
  return modal;
}

/** What is asked, without the labels. */
function inputsOf(modal: Modal) {
  return sendable(modal).components.flatMap((each) =>
    each.type === ComponentType.Label ? each.component : [],
  );
}

const labelsOf = (modal: Modal) =>
  sendable(modal).components.flatMap((each) =>
    each.type === ComponentType.Label ? [[each.label, each.description]] : [],
  );

const ask = (fields: readonly Field[], analogies?: readonly string[], locale = 'en-GB') =>
  modalOf({ id: 'x~j1', title: 'Combine …', fields, locale, analogies });
const field = (more: Partial<Field> & Pick<Field, 'kind'>): Field => ({
  name: 'name',
  description: 'what it is',
  required: true,
  ...more,
});

describe("a dialog from a button's fields", () => {
  it.each(Object.entries(dialogs))('asks what %s asks', (_, fieldsFor) => {
    const fields = fieldsOf(fieldsFor(textsFor('en')));
    for (const locale of Object.keys(languages)) {
      const modal = ask(fields, ['glasses', 'beard'], locale);
      const asked = inputsOf(modal).map((input) => ('custom_id' in input ? input.custom_id : ''));
      expect(asked).toEqual(fields.map(({ name }) => name));
      expect(modal).toMatchObject({ custom_id: 'x~j1', title: 'Combine …' });
    }
  });

  it('asks for a short text in one line, for a long one in several', () => {
    const [short, long] = inputsOf(
      ask([
        field({ kind: 'text', min: 1, max: 200 }),
        field({ name: 'more', kind: 'text', min: 1, max: 2000, required: false }),
      ]),
    );
    expect(short).toMatchObject({ style: TextInputStyle.Short, min_length: 1, max_length: 200 });
    expect(long).toMatchObject({ style: TextInputStyle.Paragraph, required: false });
    expect(long).not.toHaveProperty('min_length');
  });

  it('says which numbers are taken, however long the rest is', () => {
    const number = field({ name: 'weight', kind: 'number', min: -10, max: 10 });
    expect(labelsOf(ask([number]))).toEqual([['Its weight', 'what it is (−10 to 10)']]);
    const [[, long] = []] = labelsOf(ask([{ ...number, description: 'x'.repeat(99) }]));
    expect(long).toMatch(/^x+… \(−10 to 10\)$/);
  });

  it('offers choices, yes and no, known names, and a place for a file', () => {
    const [choice, flag, name, picture] = inputsOf(
      ask(
        [
          field({ name: 'a', kind: 'choice', choices: ['weaker', 'stronger'] }),
          field({ name: 'b', kind: 'flag', required: false }),
          field({ name: 'c', kind: 'analogy', max: 200 }),
          field({ name: 'd', kind: 'picture' }),
        ],
        ['glasses', 'glasses'],
      ),
    );
    expect(choice).toMatchObject({ options: [{ value: 'weaker' }, { value: 'stronger' }] });
    expect(flag).toMatchObject({ min_values: 0, options: [{ value: 'true' }, { value: 'false' }] });
    expect(name).toMatchObject({ options: [{ label: 'glasses', value: 'glasses' }] });
    expect(picture).toMatchObject({ type: ComponentType.FileUpload, min_values: 1, max_values: 1 });
  });

  it.each([
    ['none are known', []],
    ['too many are', Array.from({ length: 25 }, (_, i) => `name ${i}`)],
    ['one is too long', ['x'.repeat(101)]],
  ])('asks for a name where %s', (_, names) => {
    const [input] = inputsOf(ask([field({ kind: 'analogy', max: 200 })], names));
    expect(input).toMatchObject({ type: ComponentType.TextInput, max_length: 200 });
  });

  it('asks five things at most, and has a title that fits', () => {
    const fields = Array.from({ length: 7 }, (_, i) => field({ name: `n${i}`, kind: 'job' }));
    const modal = modalOf({ id: 'x', title: 'y'.repeat(60), fields, locale: 'de' });
    expect(inputsOf(modal)).toHaveLength(5);
    expect(modal.title).toHaveLength(45);
  });
});

describe.each(Object.keys(languages))('the dialogs of the bot in %s', (locale) => {
  it('ask for further pairs, two pictures each', () => {
    const modal = morePairsModal('t1', locale);
    expect(modal.custom_id).toBe('d.pairs~t1');
    const limits = { min_values: 0, max_values: 2, required: false };
    expect(inputsOf(modal)).toMatchObject(
      [2, 3, 4, 5].map((pair) => ({ custom_id: `pair${pair}`, ...limits })),
    );
  });

  it("ask for a name or for A and A'", () => {
    const modal = useAsBModal('t1', locale, ['glasses']);
    expect(modal.custom_id).toBe('d.useb~t1');
    expect(inputsOf(modal)).toMatchObject([
      { custom_id: 'analogy', required: false, type: ComponentType.StringSelect },
      { custom_id: 'a', required: false },
      { custom_id: 'a2', required: false },
    ]);
    expect(inputsOf(useAsBModal('t1', locale))[0]).toMatchObject({ type: ComponentType.TextInput });
  });

  it('ask for a picture that is needed', () => {
    const b = useAsPairModal('t1', locale);
    expect(b.custom_id).toBe('d.usea~t1');
    expect(inputsOf(b)).toMatchObject([{ custom_id: 'b', required: true, min_values: 1 }]);
    const picture = applyModal('apply~j1', locale);
    expect(picture.custom_id).toBe('apply~j1');
    expect(inputsOf(picture)).toMatchObject([{ custom_id: 'picture', required: true }]);
  });
});

describe('the answers', () => {
  const attachment = (id: string, filename: string) => ({
    id,
    filename,
    size: 4,
    url: `https://cdn.example/${filename}`,
    proxy_url: `https://cdn.example/${filename}`,
  });
  /** As discord.js makes it of what Discord sends. */
  const submitted = (components: object[], attachments: object = {}) =>
    Reflect.construct(ModalSubmitInteraction, [
      new Client({ intents: [] }),
      {
        id: '1',
        application_id: '2',
        type: 5,
        token: 't',
        version: 1,
        user: { id: '3', username: 'ada', discriminator: '0', avatar: null },
        locale: 'en-GB',
        entitlements: [],
        authorizing_integration_owners: {},
        attachment_size_limit: 10_000_000,
        data: {
          custom_id: 'x~j1',
          components: components.map((component, id) => ({ type: 18, id, component })),
          resolved: { attachments },
        },
      },
    ]) as ModalSubmitInteraction;

  it('are read by the names of what was asked, files in the order of the answer', () => {
    const files = { '11': attachment('11', 'after.png'), '12': attachment('12', 'before.png') };
    const read = valuesOf(
      submitted(
        [
          { type: 4, id: 10, custom_id: 'name', value: 'my glasses' },
          { type: 4, id: 11, custom_id: 'description', value: ' ' },
          { type: 3, id: 12, custom_id: 'analogy', values: ['beard'] },
          { type: 3, id: 13, custom_id: 'flag', values: [] },
          { type: 19, id: 14, custom_id: 'pair2', values: ['12', '11'] },
          { type: 19, id: 15, custom_id: 'pair3', values: [] },
        ],
        files,
      ),
    );
    expect(read.values).toEqual({ name: 'my glasses', analogy: 'beard' });
    expect(Object.keys(read.files)).toEqual(['pair2']);
    expect(read.files.pair2?.map(({ name }) => name)).toEqual(['before.png', 'after.png']);
    expect(read.files.pair2?.[0]?.url).toBe('https://cdn.example/before.png');
  });

  it('may be none', () => {
    expect(valuesOf(submitted([]))).toEqual({ values: {}, files: {} });
  });
});
