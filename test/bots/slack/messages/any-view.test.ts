import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawView } from '../../../../src/bots/slack/messages/index.ts';
import type { View } from '../../../../src/commands/port.ts';
import { previewPage } from './preview.ts';
import { expectSendable } from './slack-checks.ts';
import { now } from './views.ts';

describe('whatever a view holds', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom(
      '<!channel> & <@U1> *x* `y` :smile:',
      'a'.repeat(4000),
      '&'.repeat(4000),
      ' \n',
    ),
    fc.constantFrom('\u202e', '\ud800', '👩‍👩‍👧'.repeat(100), '> quoted\n- listed'),
  );
  const id = fc.oneof(
    fc.stringMatching(/^[a-z]{1,8}~[a-z0-9]{1,8}$/),
    fc.constantFrom('', 'x'.repeat(300), 'apply~j1', 'table~j1', 'combine~j1'),
  );
  const buttons = fc.record({
    id,
    label: text,
    style: fc.constantFrom('plain' as const, 'primary' as const, 'danger' as const),
  });
  const rows = fc.array(fc.array(buttons, { maxLength: 30 }), { maxLength: 12 });
  const texts = fc.array(text, { maxLength: 30 });
  const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1));
  const files = fc.array(
    fc.record({
      name: text,
      type: fc.constantFrom('image/png', 'text/plain'),
      alt: fc.option(text, { nil: undefined }),
      file: fc.string(),
    }),
    { maxLength: 20 },
  );
  const cell = fc.record({
    lambda: number,
    guidance: number,
    file: fc.string(),
    label: text,
    pick: id,
  });
  const shown = { buttons: rows, private: fc.boolean() };
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  const view: fc.Arbitrary<View> = fc.oneof(
    fc.record({
      kind: fc.constant('progress' as const),
      text,
      position: maybe(fc.nat()),
      eta: maybe(fc.record({ seconds: number, text })),
      fraction: number,
      preview: maybe(fc.string()),
      remarks: texts,
      ...shown,
    }),
    fc.record({
      kind: fc.constant('result' as const),
      job: fc.constant('j1'),
      analogy: fc.constant('y1'),
      text,
      picture: maybe(fc.string()),
      pictureKind: fc.constantFrom('grid' as const, 'animation' as const, 'cell' as const),
      alt: text,
      cells: fc.array(cell, { maxLength: 120 }),
      suggested: maybe(fc.nat(130)),
      remarks: texts,
      spoiler: fc.boolean(),
      ...shown,
    }),
    fc.record({
      kind: fc.constant('text' as const),
      title: maybe(text),
      lines: texts,
      files,
      ...shown,
    }),
    fc.record({
      kind: fc.constant('list' as const),
      title: text,
      empty: text,
      items: fc.array(
        fc.record({ title: text, text, ref: id, buttons: fc.array(buttons, { maxLength: 8 }) }),
        { maxLength: 40 },
      ),
      ...shown,
    }),
    fc.record({ kind: fc.constant('confirm' as const), text, ...shown }),
    fc.record({
      kind: fc.constant('problem' as const),
      code: text,
      sentence: text,
      next: text,
      retrySeconds: maybe(number),
      ...shown,
    }),
  );
  const options = fc.record({
    locale: fc.constantFrom('en-US', 'de-DE', 'ja-JP', 'xx'),
    now: fc.constant(now),
    spoiler: fc.boolean(),
    parentUrl: maybe(fc.oneof(fc.webUrl(), text)),
    remove: maybe(fc.constant('s.remove~U1')),
    note: maybe(text),
  });

  it('it is a message that Slack takes', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(view, options, (given, how) => {
        const draft = drawView(given, how);
        expectSendable(draft);
        // Nor is there a block that the preview does not draw.
        expect(previewPage([{ draft }], 'dark')).not.toMatch(/<p>\([a-z_]+\)<\/p>/);
      }),
      { numRuns: 300 },
    );
  });
});
