import { ButtonStyle, ComponentType } from 'discord.js';
import { describe, expect, it } from 'vitest';
import {
  type Draft,
  type DrawOptions,
  drawView,
} from '../../../../src/bots/discord/messages/index.ts';
import type { ListView, ProblemView, TextView, View } from '../../../../src/commands/port.ts';
import { type Component, expectSendable, flat, idsOf, textOf } from './discord-checks.ts';
import { button, cellsOf, now, progressView, resultView } from './views.ts';

const unix = now / 1000;

function draw(view: View, options: Partial<DrawOptions> = {}): Draft {
  const draft = drawView(view, { locale: 'en-GB', now, ...options });
  expectSendable(draft);
  return draft;
}

const componentsOf = <Type extends ComponentType>({ components }: Draft, type: Type) =>
  flat(components).filter((each): each is Extract<Component, { type: Type }> => each.type === type);
const stylesOf = (draft: Draft) =>
  Object.fromEntries(
    componentsOf(draft, ComponentType.Button).map((each) => [
      'custom_id' in each ? each.custom_id : '',
      each.style,
    ]),
  );

describe('progress', () => {
  it('shows what is done, how far it is, until when, the remarks, a preview and a way out', () => {
    const draft = draw(progressView());
    expect(draft.components[0]).toMatchObject({ accent_color: 0x5865f2 });
    const [first, second, third] = textOf(draft).split('\n');
    expect(first).toBe('**Looking into B (finding its noise), step 12 of 40.**');
    expect(second).toBe(`▰▰▰▰▰▰▰▱▱▱▱▱▱▱ 50 %  ·  ready <t:${unix + 30}:R>`);
    expect(third).toBe('-# B is animated: its first frame is used.');
    expect(draft.files).toMatchObject([{ name: 'preview.png', file: 'preview.j1.3' }]);
    const [gallery] = componentsOf(draft, ComponentType.MediaGallery);
    expect(gallery?.items[0]).toMatchObject({ description: 'Your picture, as far as it is.' });
    expect(idsOf(draft)).toEqual(['cancel~j1']);
    const [cancel] = componentsOf(draft, ComponentType.Button);
    expect(cancel).toMatchObject({
      label: 'Cancel',
      emoji: { name: '⏹️' },
      style: ButtonStyle.Danger,
    });
  });

  it('shows the place in the queue, and nothing that is not known', () => {
    const { preview: _, eta: __, ...rest } = progressView();
    const draft = draw({ ...rest, position: 3, fraction: 0 });
    expect(textOf(draft).split('\n')[1]).toBe('▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 0 %  ·  #3');
    expect(draft.files).toEqual([]);
  });

  it.each([
    [1, '▰▰▰▰▰▰▰▰▰▰▰▰▰▰ 100 %'],
    [0.999, '▰▰▰▰▰▰▰▰▰▰▰▰▰▱ 99 %'],
    [Number.NaN, '▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 0 %'],
    [7, '▰▰▰▰▰▰▰▰▰▰▰▰▰▰ 100 %'],
  ])('fills the bar by %s', (fraction, bar) => {
    expect(textOf(draw(progressView({ fraction })))).toContain(bar);
  });

  it('hides the preview where results are hidden, by its own wish or that of whoever asked', () => {
    const isHidden = (draft: Draft) =>
      componentsOf(draft, ComponentType.MediaGallery)[0]?.items[0]?.spoiler === true;
    expect(isHidden(draw(progressView()))).toBe(false);
    expect(isHidden(draw(progressView(), { spoiler: true }))).toBe(true);
    expect(isHidden(draw(progressView({ spoiler: true })))).toBe(true);
  });
});

describe('a result', () => {
  it('shows its picture, and its buttons as they are given', () => {
    const view = resultView({ remarks: ['A has 16 bits a channel: 8 of them are used.'] });
    const draft = draw(view);
    expect(textOf(draft)).toContain(view.text);
    expect(textOf(draft)).toContain(`-# ${view.remarks[0]}`);
    const [gallery] = componentsOf(draft, ComponentType.MediaGallery);
    expect(gallery?.items).toEqual([
      { media: { url: 'attachment://likewise-grid.png' }, description: view.alt },
    ]);
    expect(draft.files).toMatchObject([
      { name: 'likewise-grid.png', file: 'j1.grid', alt: view.alt },
    ]);
    expect(idsOf(draft)).toEqual(view.buttons.flat().map(({ id }) => id));
    const rows = componentsOf(draft, ComponentType.ActionRow);
    expect(rows.map(({ components }) => components.length)).toEqual([5, 3, 2]);
  });

  it('lets the suggested strength stand out among the picks', () => {
    const styles = stylesOf(draw(resultView()));
    expect(styles['pick~j1~2~2']).toBe(ButtonStyle.Primary);
    expect(styles['pick~j1~1~2']).toBe(ButtonStyle.Secondary);
    expect(styles['weaker~j1']).toBe(ButtonStyle.Secondary);
  });

  it('offers the cells of a large grid in a list, the suggested one marked', () => {
    const view = resultView({ cells: cellsOf(40), suggested: 17, buttons: [[button('finer~j1')]] });
    const draft = draw(view);
    const [select] = componentsOf(draft, ComponentType.StringSelect);
    expect(select?.custom_id).toBe('select');
    expect(select?.options).toHaveLength(25);
    const marked = select?.options.filter(({ description }) => description !== undefined);
    expect(marked).toEqual([
      {
        label: 'strength 17, guidance 2',
        value: 'pick~j1~17~2',
        description: 'The one to look at first',
      },
    ]);
    expect([select?.options[0]?.value, select?.options[24]?.value]).toEqual([
      'pick~j1~0~2',
      'pick~j1~39~2',
    ]);
  });

  it('offers no list for a moving picture or few cells', () => {
    const moving = resultView({ cells: cellsOf(13), pictureKind: 'animation', buttons: [] });
    expect(idsOf(draw(moving))).toEqual([]);
    expect(draw(moving).files[0]?.name).toBe('likewise.gif');
    expect(idsOf(draw(resultView({ buttons: [] })))).toEqual([]);
  });

  it('is hidden by its own wish or by that of whoever asked', () => {
    const isHidden = (draft: Draft) =>
      componentsOf(draft, ComponentType.MediaGallery)[0]?.items[0]?.spoiler === true;
    expect(isHidden(draw(resultView()))).toBe(false);
    expect(isHidden(draw(resultView({ spoiler: true })))).toBe(true);
    expect(isHidden(draw(resultView(), { spoiler: true }))).toBe(true);
  });

  it('links to what it refines, if that is an address', () => {
    const url = 'https://discord.com/channels/1/2/3';
    expect(textOf(draw(resultView(), { parentUrl: url }))).toContain(
      `-# From [this result](${url}).`,
    );
    const bad = draw(resultView(), { parentUrl: 'https://a.example/) [x](https://b.example' });
    expect(textOf(bad)).not.toContain('](');
  });

  it('can be deleted: in the last row, or in one of its own where that is full', () => {
    const remove = 'd.remove~7';
    const draft = draw(resultView(), { remove });
    const rows = (of: Draft) =>
      componentsOf(of, ComponentType.ActionRow).map(({ components }) => components.length);
    expect(rows(draft)).toEqual([5, 3, 3]);
    expect(stylesOf(draft)[remove]).toBe(ButtonStyle.Danger);
    const [picks] = resultView().buttons;
    expect(rows(draw(resultView({ buttons: [picks ?? []] }), { remove }))).toEqual([5, 1]);
    expect(rows(draw(resultView({ buttons: [] }), { remove }))).toEqual([1]);
  });

  it('says so where its picture is too large', () => {
    for (const name of ['j1.grid', 'likewise-grid.png']) {
      const draft = draw(resultView(), { tooLarge: new Set([name]) });
      expect(draft.files).toEqual([]);
      expect(textOf(draft)).toContain('A picture is too large to be shown here.');
    }
  });
});

describe('a text', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const view: TextView = {
    kind: 'text',
    title: 'Settings of *this* place',
    lines: ['enabled: yes', '- a name'],
    files: [
      { name: 'example.png', type: 'image/png', alt: 'An example.', bytes },
      { name: 'strength_1.png', type: 'image/png', file: 'j1.c1' },
      { name: 'strength_1.png', type: 'image/png', file: 'j1.c2' },
      { name: 'Brille für Ä/😀.safetensors', type: 'application/octet-stream', bytes },
    ],
    buttons: [[button('a')]],
    private: true,
  };

  it('has its title, its lines as they are, pictures to look at and files to download', () => {
    const draft = draw(view);
    expect(textOf(draft)).toBe('### Settings of \\*this\\* place\nenabled: yes\n\\- a name');
    const [gallery] = componentsOf(draft, ComponentType.MediaGallery);
    expect(gallery?.items.map(({ description }) => description)).toEqual(['An example.']);
    expect(componentsOf(draft, ComponentType.File).map(({ file }) => file.url)).toEqual([
      'attachment://strength_1.png',
      'attachment://strength_1-2.png',
      'attachment://Brille_fur_A.safetensors',
    ]);
    expect(draft.files[0]).toMatchObject({ bytes });
    expect(draft.files[1]).toMatchObject({ file: 'j1.c1' });
  });

  it('hides its pictures and files by its own wish', () => {
    const draft = draw({ ...view, spoiler: true });
    const [gallery] = componentsOf(draft, ComponentType.MediaGallery);
    const files = componentsOf(draft, ComponentType.File);
    expect([gallery?.items[0], ...files].map((each) => each?.spoiler)).toEqual(Array(4).fill(true));
  });

  it('names the files that are too large', () => {
    const draft = draw(view, { tooLarge: new Set(['j1.c1']) });
    expect(draft.files).toHaveLength(3);
    expect(textOf(draft)).toContain('The file strength\\_1.png is too large to be sent here.');
    // The other one of that name keeps what it was called.
    expect(draft.files.map(({ name }) => name)).toContain('strength_1-2.png');
  });

  it('leaves out what is too large by the name that it was drawn with', () => {
    const name = 'Brille_fur_A.safetensors';
    const draft = draw(view, { tooLarge: new Set([name]) });
    expect(draft.files.map((file) => file.name)).not.toContain(name);
    expect(draft.files).toHaveLength(3);
  });

  it('says that there is more than has room', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(100)}`);
    const text = textOf(draw({ ...view, lines }));
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/The rest is too long to be shown here\.$/);
    expect(text).toContain('\n36 x');
    const files = Array.from({ length: 13 }, (_, i) => ({ name: `${i}.bin`, type: 'a/b', bytes }));
    expect(textOf(draw({ ...view, files }))).toContain('Not shown: 3 more files.');
  });

  it('is a word where there is none', () => {
    expect(textOf(draw({ kind: 'text', lines: [], files: [], buttons: [], private: true }))).toBe(
      'Done.',
    );
  });
});

describe('a list', () => {
  const item = (i: number): ListView['items'][number] => ({
    title: `glasses *${i}*`,
    text: 'saved by 123',
    ref: `y${i}`,
    buttons: [
      button(`use~y${i}`, 'Apply to …', 'primary'),
      button(`export~y${i}`, 'Export'),
      button(`delete~y${i}`, 'Delete …', 'danger'),
    ],
  });
  const listOf = (count: number): ListView => ({
    kind: 'list',
    title: 'Analogies of this place',
    empty: 'There is none.',
    items: Array.from({ length: count }, (_, i) => item(i)),
    buttons: [[button('library~~1', 'More')]],
    private: true,
  });

  it('offers what can be done with its items in a list for each kind', () => {
    const draft = draw(listOf(10));
    expect(textOf(draft)).toContain('**1\\. glasses \\*0\\***\nsaved by 123\n\n**2\\. glasses');
    const selects = componentsOf(draft, ComponentType.StringSelect);
    expect(selects.map(({ custom_id, placeholder }) => [custom_id, placeholder])).toEqual([
      ['select:1', 'Apply to …'],
      ['select:2', 'Export'],
      ['select:3', 'Delete …'],
    ]);
    expect(selects[2]?.options[9]).toEqual({
      label: '10. glasses *9*',
      value: 'delete~y9',
      description: 'saved by 123',
    });
    expect(idsOf(draft).at(-1)).toBe('library~~1');
  });

  it('has buttons where there is one item, and a sentence where there is none', () => {
    expect(idsOf(draw(listOf(1)))).toEqual(['use~y0', 'export~y0', 'delete~y0', 'library~~1']);
    expect(textOf(draw(listOf(0)))).toBe('### Analogies of this place\nThere is none.');
  });
});

describe('a problem, a question and an end', () => {
  const problem: ProblemView = {
    kind: 'problem',
    code: 'LIMIT_USER',
    sentence: 'You have two jobs already.',
    next: 'Wait for one of them.',
    retrySeconds: 59.5,
    buttons: [[button('again~j1', 'Make it again', 'primary')]],
    private: true,
  };

  it('tell what happened, what to do, when to try again, and the code', () => {
    const draft = draw(problem);
    expect(draft.components[0]).toMatchObject({ accent_color: 0xed4245 });
    expect(textOf(draft).split('\n')).toEqual([
      '**You have two jobs already.**',
      'Wait for one of them.',
      `It may be tried again <t:${unix + 60}:R>.`,
      '-# Code: `LIMIT_USER`',
    ]);
    expect(idsOf(draft)).toEqual(['again~j1']);
  });

  it('ask and end in plain words', () => {
    const buttons = [[button('deleteyes~y1', 'Delete it', 'danger'), button('keep', 'No')]];
    const question = draw({ kind: 'confirm', text: 'Delete @here?', buttons, private: true });
    expect(textOf(question)).toBe('Delete \\@here?');
    expect(stylesOf(question)).toEqual({
      'deleteyes~y1': ButtonStyle.Danger,
      keep: ButtonStyle.Secondary,
    });
    const end = {
      kind: 'cancelled',
      job: 'j1',
      replaced: false,
      buttons: [],
      private: true,
    } as const;
    expect(textOf(draw({ ...end, text: 'Cancelled.' }))).toBe('Cancelled.');
  });

  it('are in the language of the reader', () => {
    expect(textOf(draw(problem, { locale: 'de' }))).toContain('Ein neuer Versuch ist <t:');
    expect(textOf(draw(problem, { locale: 'ja' }))).toContain('次に試せる時刻');
    expect(textOf(draw(problem, { locale: 'pt-BR' }))).toContain('It may be tried again');
  });
});
