import fc from 'fast-check';
import { describe, it } from 'vitest';
import { drawView } from '../../../../src/bots/discord/messages/index.ts';
import type { View } from '../../../../src/commands/port.ts';
import { expectSendable } from './discord-checks.ts';

/** Some short, some beyond every limit, some with marks. */
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 2000 }))
    .map(([piece, count]) => piece.repeat(count).slice(0, 6000)),
);
const texts = (maxLength: number) => fc.array(text, { maxLength });
const id = fc.string({ unit: fc.constantFrom(...'abcz019~.'), minLength: 1, maxLength: 100 });
const button = fc.record({
  id,
  label: text,
  style: fc.constantFrom('plain' as const, 'primary' as const, 'danger' as const),
});
const shown = {
  buttons: fc.array(fc.array(button, { maxLength: 7 }), { maxLength: 14 }),
  private: fc.boolean(),
};
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined });
const file = fc.record({
  name: text,
  type: fc.constantFrom('image/png', 'application/octet-stream'),
  alt: optional(text),
  file: id,
});
const cell = fc.record({
  lambda: fc.double(),
  guidance: fc.double(),
  file: id,
  label: text,
  pick: id,
});
const fraction = fc.double();

const view: fc.Arbitrary<View> = fc.oneof(
  fc.record({
    kind: fc.constant('progress' as const),
    text,
    position: optional(fc.nat()),
    eta: optional(fc.record({ seconds: fc.double({ min: 0, max: 1e7, noNaN: true }), text })),
    fraction,
    preview: optional(id),
    remarks: texts(12),
    ...shown,
  }),
  fc.record({
    kind: fc.constant('result' as const),
    job: id,
    analogy: id,
    text,
    picture: optional(id),
    pictureKind: fc.constantFrom('grid' as const, 'animation' as const, 'cell' as const),
    alt: text,
    cells: fc.array(cell, { maxLength: 60 }),
    suggested: optional(fc.nat(59)),
    remarks: texts(12),
    spoiler: fc.boolean(),
    ...shown,
  }),
  fc.record({
    kind: fc.constant('text' as const),
    title: optional(text),
    lines: texts(30),
    files: fc.array(file, { maxLength: 14 }),
    ...shown,
  }),
  fc.record({
    kind: fc.constant('list' as const),
    title: text,
    empty: text,
    items: fc.array(
      fc.record({ title: text, text, ref: id, buttons: fc.array(button, { maxLength: 4 }) }),
      { maxLength: 30 },
    ),
    ...shown,
  }),
  fc.record({ kind: fc.constant('confirm' as const), text, ...shown }),
  fc.record({
    kind: fc.constant('problem' as const),
    code: text,
    sentence: text,
    next: text,
    retrySeconds: optional(fc.double({ min: 0, max: 1e7, noNaN: true })),
    ...shown,
  }),
  fc.record({
    kind: fc.constant('cancelled' as const),
    job: id,
    text,
    replaced: fc.boolean(),
    ...shown,
  }),
);
const options = fc.record({
  locale: fc.constantFrom('en-GB', 'de', 'ja'),
  now: fc.nat(2e12),
  spoiler: optional(fc.boolean()),
  parentUrl: optional(fc.oneof(text, fc.constant('https://discord.com/channels/1/2/3'))),
  note: optional(text),
  remove: optional(fc.constant('d.remove~1')),
  tooLarge: optional(fc.array(id).map((ids) => new Set(ids))),
});

describe('whatever a view holds', () => {
  it('becomes a message that Discord takes', () => {
    fc.assert(
      fc.property(view, options, (given, how) => {
        expectSendable(drawView(given, how));
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
