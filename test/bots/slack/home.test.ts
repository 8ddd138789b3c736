import { expect, it } from 'vitest';
import { homeIds, homeOf } from '../../../src/bots/slack/home.ts';
import type { Button, ListView } from '../../../src/commands/port.ts';
import { pressesOf, textOf } from './messages/slack-checks.ts';
import { violations } from './twin/validator.ts';

const button = (id: string): Button => ({ id, label: id, style: 'plain' });

const list = (title: string, count: number, actions: readonly string[]): ListView => ({
  kind: 'list',
  title,
  empty: `Nothing: ${title}`,
  items: Array.from({ length: count }, (_, i) => ({
    title: `Item ${i}`,
    text: 'waiting',
    ref: `r${i}`,
    buttons: actions.map((action) => button(`${action}~r${i}`)),
  })),
  buttons: count > 0 ? [[button(`list~${title}`)]] : [],
  private: true,
});

const draw = (count: number, isAdmin: boolean, locale = 'en-US') => {
  const library = list('Analogies', count, ['use', 'export', 'delete']);
  const view = homeOf({ library, status: list('Jobs', count, ['show']), isAdmin, locale });
  expect(violations('views.publish', { user_id: 'U1', view })).toEqual([]);
  return { presses: pressesOf(view as Parameters<typeof pressesOf>[0]), text: textOf(view.blocks) };
};

it('shows jobs and analogies with what can be done, and how to begin', () => {
  const { presses, text } = draw(1, false);
  expect(presses).toEqual([
    homeIds.begin,
    homeIds.help,
    homeIds.refresh,
    'show~r0',
    'list~Jobs',
    ['use~r0', 'export~r0', 'delete~r0'],
    'list~Analogies',
    homeIds.forget,
  ]);
  expect(text).toContain('Write /analogy in a channel');
});

it('says that there is nothing yet', () => {
  const { text } = draw(0, false);
  expect(text).toContain('Nothing: Jobs');
  expect(text).toContain('Nothing: Analogies');
});

it('has settings for admins alone', () => {
  expect(draw(0, true).presses).toContain(homeIds.settings);
  expect(draw(0, false).presses).not.toContain(homeIds.settings);
});

it.each(['en', 'de', 'ja'])('has room for long lists in %s', (locale) => {
  const { presses } = draw(60, true, locale);
  expect(presses.at(-1)).toBe(homeIds.forget);
});
