import { describe, expect, it } from 'vitest';
import {
  type Draft,
  type DrawOptions,
  drawView,
  filled,
} from '../../../../src/bots/slack/messages/index.ts';
import type {
  Button,
  ListView,
  ProblemView,
  TextView,
  View,
} from '../../../../src/commands/port.ts';
import { elementsOf, expectSendable, pressesOf, textOf } from './slack-checks.ts';
import { button, cellsOf, now, progressView, resultView } from './views.ts';

const unix = now / 1000;

function draw(view: View, options: Partial<DrawOptions> = {}): Draft {
  const draft = drawView(view, { locale: 'en-GB', now, ...options });
  expectSendable(draft);
  return draft;
}

const typesOf = ({ blocks }: Pick<Draft, 'blocks'>) => blocks.map(({ type }) => type);
const imageOf = ({ blocks }: Pick<Draft, 'blocks'>) => blocks.find(({ type }) => type === 'image');

describe('progress', () => {
  it('shows what is done, how far it is, the remarks, a preview and a way out', () => {
    const draft = draw(progressView());
    expect(typesOf(draft)).toEqual(['rich_text', 'section', 'context', 'image', 'actions']);
    expect(textOf(draft.blocks).split('\n').slice(0, 3)).toEqual([
      'Looking into B (finding its noise), step 12 of 40.',
      '▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱  50 %  ·  about 30 s left',
      'B is animated: its first frame is used.',
    ]);
    expect(draft.files).toMatchObject([{ name: 'preview.png', file: 'preview.j1.3' }]);
    expect(imageOf(draft)).toMatchObject({ alt_text: 'Your picture, as far as it is.' });
    expect(draft.text).toBe('Looking into B (finding its noise), step 12 of 40. (50 %)');
    const [cancel] = elementsOf(draft);
    expect(cancel).toMatchObject({ value: 'cancel~j1', style: 'danger' });
    expect(cancel).not.toHaveProperty('confirm');
  });

  it('asks before it is cancelled where the button stands beside others', () => {
    const buttons = [[button('show~j1'), button('cancel~j1', 'Cancel', 'danger')]];
    const [show, cancel] = elementsOf(draw(progressView({ buttons })));
    expect(show).not.toHaveProperty('confirm');
    expect(cancel).toMatchObject({ confirm: { title: { text: 'Cancel this?' } } });
  });

  it('says the place in the queue, and the hour where it takes long', () => {
    const eta = { seconds: 600, text: 'about 10 min left' };
    const draft = draw(progressView({ eta, position: 3, fraction: 0 }));
    const line = `▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱  0 %  ·  #3  ·  about 10 min left  ·  ready at about `;
    expect(textOf(draft.blocks)).toContain(
      `${line}<!date^${unix + 600}^{time}|2026-10-01 08:40 UTC>`,
    );
  });

  it.each([
    [1, '▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰  100 %'],
    [0.999, '▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▱  99 %'],
    [Number.NaN, '▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱  0 %'],
    [7, '▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰▰  100 %'],
  ])('fills the bar by %s', (fraction, bar) => {
    expect(textOf(draw(progressView({ fraction })).blocks)).toContain(bar);
  });

  it('has no preview where results are hidden', () => {
    expect(draw(progressView(), { spoiler: true }).files).toEqual([]);
  });
});

describe('a result', () => {
  it('shows its picture, its buttons in two rows and the rest in a menu', () => {
    const draft = draw(resultView({}, 'j0'), { remove: 's.remove~U1' });
    expect(typesOf(draft)).toEqual(['section', 'image', 'actions', 'actions', 'actions']);
    expect(imageOf(draft)).toMatchObject({ alt_text: 'A labelled grid.' });
    expect(draft.files).toMatchObject([
      { name: 'likewise-grid.png', file: 'j1.grid', inThread: false },
    ]);
    expect(pressesOf(draft)).toEqual([
      ...['0', '0.5', '1', '1.5', '2'].map((lambda) => `pick~j1~${lambda}~2`),
      ...['weaker', 'stronger', 'finer', 'less', 'more'].map((action) => `${action}~j1`),
      ...['apply', 'name', 'original', 'undo'].map((action) => `${action}~j1`),
      ['table~j1', 'reverse~j1', 'combine~j1', 'animate~j1', 's.remove~U1'],
    ]);
  });

  it('lets the suggested strength stand out, and nothing else', () => {
    const primary = elementsOf(draw(resultView())).filter(({ style }) => style === 'primary');
    expect(primary.map(({ value }) => value)).toEqual(['pick~j1~1~2']);
  });

  it('offers the cells of a large grid in a list, the suggested one marked', () => {
    const lambdas = Array.from({ length: 400 }, (_, i) => i);
    const draft = draw(resultView({ cells: cellsOf(lambdas), suggested: 17 }));
    const [select] = elementsOf(draft);
    const options = select?.options as { value: string; description?: { text: string } }[];
    expect(select?.type).toBe('static_select');
    expect(options).toHaveLength(50);
    const marked = options.filter(({ description }) => description !== undefined);
    expect(marked.map(({ value }) => value)).toEqual(['pick~j1~17~2']);
    expect(options[0]?.value).toBe('pick~j1~0~2');
  });

  it('that is to be hidden is in the thread, and the message says so', () => {
    for (const draft of [
      draw(resultView({ spoiler: true })),
      draw(resultView(), { spoiler: true }),
    ]) {
      expect(imageOf(draft)).toBeUndefined();
      expect(draft.files).toMatchObject([{ name: 'likewise-grid.png', inThread: true }]);
      expect(textOf(draft.blocks)).toContain('open the thread of this message');
    }
  });

  it('links to what it refines, if that is an address', () => {
    const url = 'https://acme.slack.com/archives/C1/p1?thread_ts=1&cid=C1';
    expect(textOf(draw(resultView(), { parentUrl: url }).blocks)).toContain(
      `From <${url.replace('&', '&amp;')}|this result>.`,
    );
    const bad = draw(resultView(), { parentUrl: 'https://a.example/|x> <!channel>' });
    expect(textOf(bad.blocks)).not.toContain('From <');
  });
});

describe('filled', () => {
  it('names uploaded files by their ids, and leaves out those that are not there', () => {
    const draft = draw(resultView());
    const full = filled(draft, { 'likewise-grid.png': 'F1' });
    expect(imageOf(full)).toMatchObject({ slack_file: { id: 'F1' } });
    expect(full.rest).toEqual([]);
    const late = filled(draft, {});
    expect(imageOf(late)).toBeUndefined();
    expect(late.rest).toMatchObject([{ name: 'likewise-grid.png' }]);
    expect(filled(draft, JSON.parse('{"__proto__":{"likewise-grid.png":"F2"}}')).rest).toHaveLength(
      1,
    );
  });

  it('is never an empty message', () => {
    const files = [{ name: 'a.png', type: 'image/png', alt: 'A', file: 'f' }];
    const view: TextView = { kind: 'text', lines: [], files, buttons: [], private: true };
    expect(filled(draw(view), {}).blocks).toHaveLength(1);
  });
});

describe('other views', () => {
  it('text: described pictures are seen, others and other files are in the thread', () => {
    const draft = draw({
      kind: 'text',
      title: 'Help',
      lines: ['One.', 'Two.'],
      files: [
        { name: 'help.png', type: 'image/png', alt: 'An example', bytes: new Uint8Array(1) },
        { name: 'help.webp', type: 'image/webp', alt: 'It moves', file: 'f1' },
        { name: 'help.png', type: 'image/png', file: 'f2' },
        { name: 'x/y.safetensors', type: 'application/octet-stream', file: 'f3' },
      ],
      buttons: [],
      private: true,
    });
    expect(typesOf(draft)).toEqual(['header', 'section', 'image', 'context']);
    expect(draft.files.map(({ name, inThread }) => [name, inThread])).toEqual([
      ['help.png', false],
      ['help.webp', true],
      ['help-2.png', true],
      ['x_y.safetensors', true],
    ]);
    expect(textOf(draft.blocks)).toContain('One.\nTwo.');
  });

  it('a list: a menu beside each item, one button as itself, more below', () => {
    const item = (ref: string, buttons: readonly Button[]) => {
      return { title: `*${ref}*`, text: 'saved by U1', ref, buttons };
    };
    const list: ListView = {
      kind: 'list',
      title: 'Analogies of this place',
      empty: 'There is none.',
      items: [
        item('y1', [button('use~y1'), button('export~y1'), button('delete~y1')]),
        item('y2', [button('show~y2')]),
        item('y3', []),
      ],
      buttons: [[button('list~~1', 'More')]],
      private: true,
    };
    const draft = draw(list);
    expect(pressesOf(draft)).toEqual([['use~y1', 'export~y1', 'delete~y1'], 'show~y2', 'list~~1']);
    // As it is: nothing is left out of a name, and nothing in it is a mark.
    const text = { type: 'plain_text', text: '1. *y1*\nsaved by U1' };
    expect(draft.blocks[1]).toMatchObject({ text });
    const plainly = { ...list, items: [{ ...item('y1', []), title: 'smile & hat' }] };
    const bold = { type: 'mrkdwn', text: '*1. smile &amp; hat*\nsaved by U1', verbatim: true };
    expect(draw(plainly).blocks[1]).toMatchObject({ text: bold });
    expect(textOf(draw({ ...list, items: [] }).blocks)).toContain('There is none.');
    const many = Array.from({ length: 40 }, (_, i) => item(`y${i}`, [button(`show~y${i}`)]));
    expect(textOf(draw({ ...list, items: many }).blocks)).toContain('Not shown: 25 more.');
  });

  it('a problem: what, what next, when, and the code', () => {
    const view: ProblemView = {
      kind: 'problem',
      code: 'QUOTA_USED',
      sentence: 'You have used up what you may make today: 5 of 5.',
      next: 'Try again <!channel> tomorrow.',
      retrySeconds: 7200,
      buttons: [],
      private: true,
    };
    const draft = draw(view);
    const text = textOf(draft.blocks);
    expect(text).toContain('⚠️ You have used up what you may make today: 5 of 5.');
    expect(text).toContain(`<!date^${unix + 7200}^{time}|2026-10-01 10:30 UTC>`);
    expect(text).toContain('Code: `QUOTA_USED`');
    expect(draft.text).toContain('&lt;!channel&gt;');
  });

  it('a question and what was cancelled: a text and its buttons', () => {
    const yes = button('forgetyes~x', 'Forget all that is mine', 'danger');
    const buttons = [[yes, button('keep', 'No')]];
    const draft = draw({ kind: 'confirm', text: 'Forget all?', buttons, private: true });
    expect(pressesOf(draft)).toEqual(['forgetyes~x', 'keep']);
    expect(elementsOf(draft)[0]).toMatchObject({ style: 'danger' });
    const over = { job: 'j1', text: 'Cancelled.', replaced: false, buttons: [], private: false };
    expect(textOf(draw({ kind: 'cancelled', ...over }).blocks)).toBe('Cancelled.');
  });

  it('has the note at its end', () => {
    const draft = draw(resultView(), { note: 'By direct message.' });
    expect(textOf(draft.blocks.at(-1))).toBe('By direct message.');
  });
});
