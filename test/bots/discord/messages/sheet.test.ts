import { describe, expect, it } from 'vitest';
import {
  type Draft,
  type DrawOptions,
  drawView,
} from '../../../../src/bots/discord/messages/index.ts';
import type { View } from '../../../../src/commands/port.ts';
import { expectSendable, idsOf, textOf } from './discord-checks.ts';
import { button, now, progressView } from './views.ts';

function draw(view: View, options: Partial<DrawOptions> = {}): Draft {
  const draft = drawView(view, { locale: 'en-GB', now, ...options });
  expectSendable(draft);
  return draft;
}

describe('more buttons than a message holds', () => {
  it('are offered in a list, but for the one that deletes', () => {
    const rows = Array.from({ length: 12 }, (_, row) =>
      Array.from({ length: 5 }, (_, i) => button(`b~${row}~${i}`)),
    );
    const view: View = { kind: 'confirm', text: 'Which?', buttons: rows, private: true };
    const draft = draw(view, { remove: 'd.remove~7' });
    expect(idsOf(draft).flat().sort()).toEqual(
      [...rows.flat().map(({ id }) => id), 'd.remove~7'].sort(),
    );
    expect(idsOf(draft).at(-1)).toBe('d.remove~7');
  });

  it('are there once, however often they are given', () => {
    const buttons = [[button('a'), button('a')], [button('a')]];
    expect(idsOf(draw({ kind: 'confirm', text: '?', buttons, private: true }))).toEqual(['a']);
  });
});

describe('a note', () => {
  it('is below the message, in small print', () => {
    const note = 'It comes as a direct message.';
    expect(textOf(draw(progressView(), { note }))).toMatch(/\n-# It comes as a direct message\.$/);
  });

  it('has room below the longest message', () => {
    const long = 'x'.repeat(9000);
    const common = { buttons: [], private: true };
    const problem = { kind: 'problem', code: long, sentence: long, next: long } as const;
    const text = { kind: 'text', title: long, lines: [long, long], files: [] } as const;
    for (const view of [{ kind: 'confirm', text: long } as const, problem, text]) {
      const draft = draw({ ...view, ...common }, { note: long });
      expect(textOf(draft)).toMatch(/\n-# x+…$/);
    }
  });
});
