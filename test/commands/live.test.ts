import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProblemView, ResultView, TextView, View, Views } from '../../src/commands/port.ts';
import { textsFor } from '../../src/commands/texts/index.ts';
import { LikewiseError } from '../../src/errors.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  engine = fakeEngine();
  platform = await scriptedPlatform(engine);
});
afterEach(() => platform.close());

const last = async (views: Views) => {
  let seen: View | undefined;
  for await (const view of views) seen = view;
  return seen as View;
};
const make = async (input: Record<string, unknown> = {}) => {
  const [before, after, picture] = ['a', 'a2', 'b'].map((name) => sent(`picture ${name}`));
  const views = platform.watch('analogy', { before, after, picture, ...input });
  return (await last(views)) as ResultView;
};

test('what is tried is transient, and nothing else is', async () => {
  const { job } = await make();
  const at = { action: 'at', job, strength: 0.3, guidance: 2 };
  const shown = await last(platform.watch('refine', at, { live: true }));
  expect(shown).toMatchObject({ kind: 'result', pictureKind: 'cell' });
  expect(engine.requests.at(-1)).toMatchObject({ kind: 'render', transient: true });
  for (const who of [{}, { live: false }]) {
    await last(platform.watch('refine', at, who));
    expect(engine.requests.at(-1)).not.toHaveProperty('transient');
  }
  // A grid is no place of the dials.
  await last(platform.watch('refine', { action: 'finer', job }, { live: true }));
  expect(engine.requests.at(-1)).not.toHaveProperty('transient');
});

test('a download says how many pictures it leaves out', async () => {
  const { job } = await make({ strengths: '0, 0.5, 1, 1.5, 2', guidance: '1, 2, 3' });
  const view = (await last(platform.tap(`original~${job}`, {}))) as TextView;
  expect(view.files).toHaveLength(10);
  // The grid and its 15 cells, less ten.
  expect(view.lines.join(' ')).toMatch(/\b6\b/);
  const { job: few } = await make();
  const whole = (await last(platform.tap(`original~${few}`, {}))) as TextView;
  expect(whole.lines).toHaveLength(1);
});

test('long waits are said in words, in each language', async () => {
  const bytes = { whose: 'user', megabytes: '9.1', limit: 9 };
  engine.fault = new LikewiseError('LIMIT_BYTES', { ...bytes, retrySeconds: 604_683 });
  const said = async (locale: string) =>
    (await last(platform.watch('show', { job: 'x' }, { locale }))) as ProblemView;
  for (const [locale, words] of Object.entries({ en: '7 days', de: '7 Tagen', ja: '7日' })) {
    const { next, retrySeconds } = await said(locale);
    expect(next).toContain(words);
    expect(next).not.toMatch(/604|\{|\d s\b/);
    expect(retrySeconds).toBe(604_683);
  }
  const { wait } = textsFor('en');
  const waits = [1, 60, 89, 90, 5399, 7200, 86_400, 129_600].map(wait);
  expect(waits).toEqual([
    '1 second',
    '60 seconds',
    '89 seconds',
    '2 minutes',
    '90 minutes',
    '2 hours',
    '24 hours',
    '2 days',
  ]);
});
