import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LazyFile, ResultView, View, Views } from '../../src/commands/port.ts';
import { defaultSettings } from '../../src/commands/settings.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
let now = Date.now;
beforeEach(async () => {
  engine = fakeEngine();
  now = Date.now;
  platform = await scriptedPlatform(engine, () => now());
  await platform.settings.set('script:1', { ...defaultSettings, perDay: 2 });
});
afterEach(() => platform.close());

const three = () => ({
  before: sent('picture a'),
  after: sent('picture a2'),
  picture: sent('picture b'),
});
const end = async (views: Views) => {
  let last: View | undefined;
  for await (const view of views) last = view;
  return last?.kind === 'problem' ? last.code : last?.kind;
};
const make = (interaction: string, more: object = {}) =>
  end(platform.watch('analogy', { ...three(), ...more }, { interaction }));
/** A picture that is fetched when it is let go. */
const slow = () => {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Uint8Array>();
  const picture: LazyFile = {
    name: 'b.png',
    fetch: () => {
      begun.resolve();
      return gate.promise;
    },
  };
  const go = (text: string) => gate.resolve(new TextEncoder().encode(text));
  return { picture, begun: begun.promise, go };
};

test('an interaction whose job was accepted comes again: it is that job', async () => {
  expect(await make('a')).toBe('result');
  expect(await make('b')).toBe('result');
  expect(await make('c')).toBe('QUOTA_USED');
  expect(await make('a')).toBe('result');
  expect(await make('b')).toBe('result');
  expect(engine.requests).toHaveLength(2);
});

test('commands that run at the same time each take a place', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd'].map((interaction) => make(interaction)));
  expect(all.sort()).toEqual(['QUOTA_USED', 'QUOTA_USED', 'result', 'result']);
  expect(engine.requests).toHaveLength(2);
});

test('two deliveries at the same time take one place', async () => {
  const all = await Promise.all(['a', 'a', 'b', 'b'].map((interaction) => make(interaction)));
  expect(all).toEqual(['result', 'result', 'result', 'result']);
  expect(engine.requests).toHaveLength(2);
});

test('a place is given back where nothing came of it, or the answer is not waited for', async () => {
  for (let i = 0; i < 3; i++) {
    expect(await make(`a${i}`, { picture: sent('no such thing') })).toBe('PICTURE_UNKNOWN');
  }
  for (let i = 0; i < 3; i++) {
    const views = platform.watch('analogy', three(), { interaction: `b${i}` });
    await views.next();
    await views.return();
  }
  expect(await make('c')).toBe('result');
  expect(await make('d')).toBe('result');
  expect(await make('e')).toBe('QUOTA_USED');
});

test('a place is held while the pictures are read, also by a second delivery alone', async () => {
  const [one, two] = [slow(), slow()];
  const first = make('a', { picture: one.picture });
  await one.begun;
  const again = make('a', { picture: two.picture });
  await two.begun;
  one.go('nothing that is one');
  expect(await first).toBe('PICTURE_UNKNOWN');
  expect(await make('b')).toBe('result');
  expect(await make('c')).toBe('QUOTA_USED');
  two.go('picture b');
  expect(await again).toBe('result');
});

test('what was forgotten, or is no longer listed, was made all the same', async () => {
  await make('a');
  await make('b');
  await engine.forget({ tenant: 'script:1', user: 'ada' });
  expect(await make('c')).toBe('QUOTA_USED');
});

test('the next day, UTC, begins anew', async () => {
  await make('a');
  await make('b');
  now = () => Date.now() + 86_400_000;
  expect(await make('c')).toBe('result');
});

test('after a restart, what the engine lists counts', async () => {
  await make('a');
  await make('b');
  const later = await scriptedPlatform(engine, () => now(), { settings: platform.settings });
  expect(await end(later.watch('analogy', three(), { interaction: 'c' }))).toBe('QUOTA_USED');
  await later.close();
});

test('others have places of their own, and refinements need none', async () => {
  const view = (await platform.run('analogy', three())).at(-1) as ResultView;
  expect(await make('b')).toBe('result');
  expect(await end(platform.watch('analogy', three(), { interaction: 'c', user: 'bob' }))).toBe(
    'result',
  );
  const press = (action: string, values = {}) => {
    const button = view.buttons.flat().find(({ id }) => id.startsWith(action));
    return end(platform.tap(button?.id ?? '', values));
  };
  expect(await press('stronger')).toBe('result');
  expect(await press('apply', { picture: sent('picture d') })).toBe('QUOTA_USED');
});
