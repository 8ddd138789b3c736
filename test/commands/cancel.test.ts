import { afterEach, beforeEach, expect, test } from 'vitest';
import type { View, Views } from '../../src/commands/port.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  engine = fakeEngine();
  engine.held = true;
  platform = await scriptedPlatform(engine);
});
afterEach(() => platform.close());

const rest = async (views: Views) => {
  const seen: View[] = [];
  for await (const view of views) seen.push(view);
  return seen;
};
/** Runs until the job is there. */
const begin = async (signal = new AbortController().signal) => {
  const input = {
    before: sent('picture a'),
    after: sent('picture a2'),
    picture: sent('picture b'),
  };
  const views = platform.watch('analogy', input, { signal });
  for (;;) {
    const view = (await views.next()).value as View;
    if (view.kind === 'progress' && view.job !== undefined) return { views, job: view.job };
  }
};

test('where the job is told of, its end is seen there, and whoever cancels reads that it is done', async () => {
  const { views, job } = await begin();
  const running = rest(views);
  const answer = await platform.press(`cancel~${job}`);
  expect(answer).toMatchObject([{ kind: 'text', lines: ['Cancelled.'], private: true }]);
  expect((await running).at(-1)).toMatchObject({ kind: 'cancelled', job, replaced: false });
  expect(await platform.press(`cancel~${job}`)).toMatchObject([
    { kind: 'text', lines: ['That job was over already.'] },
  ]);
});

test('where nobody tells of it any more, the message of the button shows the end', async () => {
  const leaving = new AbortController();
  const { views, job } = await begin(leaving.signal);
  leaving.abort();
  await rest(views);
  const answer = await platform.press(`cancel~${job}`);
  expect(answer).toMatchObject([{ kind: 'cancelled', job, replaced: false }]);
});

test('after a restart nobody tells of it, until it is shown again', async () => {
  const { job } = await begin();
  const later = await scriptedPlatform(engine);
  const shown = later.watch('show', { job });
  await shown.next();
  const [answer] = await rest(later.tap(`cancel~${job}`, {}));
  expect(answer?.kind).toBe('text');
  expect((await rest(shown)).at(-1)?.kind).toBe('cancelled');
  await later.close();
  const second = await begin();
  const last = await scriptedPlatform(engine);
  expect(await rest(last.tap(`cancel~${second.job}`, {}))).toMatchObject([{ kind: 'cancelled' }]);
  await last.close();
});
