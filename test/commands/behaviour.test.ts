import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommands } from '../../src/commands/index.ts';
import type { LazyFile, ResultView, View, Views } from '../../src/commands/port.ts';

import { defaultSettings } from '../../src/commands/settings.ts';
import { LikewiseError } from '../../src/errors.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
let now = Date.now;
beforeEach(async () => {
  engine = fakeEngine();
  now = Date.now;
  platform = await scriptedPlatform(engine, () => now());
});
afterEach(() => platform.close());

const three = () => ({
  before: sent('picture a'),
  after: sent('picture a2'),
  picture: sent('picture b'),
});
const make = async () => (await platform.run('analogy', three())).at(-1) as ResultView;
const idOf = ({ buttons }: View, action: string) =>
  buttons.flat().find(({ id }) => id.startsWith(`${action}~`))?.id ?? '';
const rest = async (views: Views) => {
  const seen: View[] = [];
  for await (const view of views) seen.push(view);
  return seen;
};

describe('a press that nobody listens to any more', () => {
  test('is cancelled by the next one, as one that is listened to would be', async () => {
    const id = idOf(await make(), 'stronger');
    engine.held = true;
    const leaving = new AbortController();
    const first = rest(platform.tap(id, {}, { message: 'm', signal: leaving.signal }));
    while (engine.requests.length < 2) await new Promise(setImmediate);
    leaving.abort();
    await first;
    const second = rest(platform.tap(id, {}, { message: 'm' }));
    while (engine.requests.length < 3) await new Promise(setImmediate);
    engine.held = false;
    await second;
    const jobs = await engine.jobs({ tenant: 'script:1', user: 'ada' });
    expect(jobs.map(({ state }) => state).sort()).toEqual(['cancelled', 'done', 'done']);
  });
});

test('a guidance is refused without the strength that it is for', async () => {
  const { job } = await make();
  const answer = await platform.run('refine', { action: 'at', job, guidance: 4 });
  expect(answer.at(-1)).toMatchObject({ kind: 'problem', code: 'INPUT_INVALID' });
});

describe('an interaction that comes twice', () => {
  test('is one job', async () => {
    const who = { interaction: 'i:7' };
    const one = await rest(platform.watch('analogy', three(), who));
    const two = await rest(platform.watch('analogy', three(), who));
    expect(engine.requests).toHaveLength(1);
    expect(two.at(-1)).toMatchObject({ kind: 'result', job: (one.at(-1) as ResultView).job });
  });

  test('does not replace itself', async () => {
    const view = await make();
    const who = { interaction: 'i:8', message: 'm' };
    const id = idOf(view, 'stronger');
    await Promise.all([rest(platform.tap(id, {}, who)), rest(platform.tap(id, {}, who))]);
    const jobs = await engine.jobs({ tenant: 'script:1', user: 'ada' });
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done']);
  });
});

describe('a press while a render of the same message runs', () => {
  test('takes its place, also before the first was accepted', async () => {
    const view = await make();
    engine.held = true;
    const who = { message: 'm' };
    const names = ['stronger', 'weaker', 'finer'];
    const all = names.map((name) => rest(platform.tap(idOf(view, name), {}, who)));
    const [first, second] = [await all[0], await all[1]];
    expect(first?.at(-1)).toMatchObject({ kind: 'cancelled', replaced: true });
    expect(second?.at(-1)).toMatchObject({ kind: 'cancelled', replaced: true });
    engine.held = false;
    expect((await all[2])?.at(-1)).toMatchObject({ kind: 'result' });
  });

  test('leaves those of other users alone', async () => {
    const view = await make();
    const tap = (name: string, user: string) =>
      rest(platform.tap(idOf(view, name), {}, { message: 'm', user }));
    const [one, other] = await Promise.all([tap('stronger', 'ada'), tap('weaker', 'bob')]);
    expect(one?.at(-1)?.kind).toBe('result');
    expect(other?.at(-1)?.kind).toBe('result');
  });

  test('leaves those of other messages, and what is over, alone', async () => {
    const view = await make();
    const tap = (name: string, message: string) =>
      rest(platform.tap(idOf(view, name), {}, { message }));
    const [one, other] = await Promise.all([tap('stronger', 'm'), tap('weaker', 'n')]);
    expect(one?.at(-1)?.kind).toBe('result');
    expect(other?.at(-1)?.kind).toBe('result');
    expect((await tap('finer', 'm')).at(-1)?.kind).toBe('result');
    const jobs = await engine.jobs({ tenant: 'script:1', user: 'ada' });
    expect(jobs.every(({ state }) => state === 'done')).toBe(true);
  });
});

test('buttons work after a restart of the bot', async () => {
  const view = await make();
  const later = await scriptedPlatform(engine);
  // The new process counts its interactions from 1 again: platforms do not.
  const who = { interaction: 'later' };
  const views = await rest(later.tap(idOf(view, 'stronger'), {}, who));
  expect(views.at(-1)).toMatchObject({ kind: 'result', parent: view.job });
  await later.close();
});

test('whoever stops listening hears no more, and the job goes on', async () => {
  engine.held = true;
  const stop = new AbortController();
  const views = platform.watch('analogy', three(), { signal: stop.signal });
  let view = (await views.next()).value as View;
  while (view.kind === 'progress' && view.job === undefined) {
    view = (await views.next()).value as View;
  }
  stop.abort();
  for await (const one of views) expect(one.kind).toBe('progress');
  engine.held = false;
  const job = view.kind === 'progress' ? view.job : undefined;
  expect((await platform.run('show', { job })).at(-1)).toMatchObject({ kind: 'result', job });
});

test('an engine that goes away in the middle: the job can be looked at later', async () => {
  const error = new LikewiseError('ENGINE_UNREACHABLE', { url: 'http://x', reason: 'gone' });
  const follow = engine.follow;
  // biome-ignore lint/correctness/useYield: it fails before there is anything to tell
  engine.follow = async function* () {
    throw error;
  };
  const last = (await platform.run('analogy', three())).at(-1) as View;
  expect(last).toMatchObject({ kind: 'problem', code: 'ENGINE_UNREACHABLE' });
  expect(platform.logged).toHaveLength(1);
  engine.follow = follow;
  expect((await platform.press(idOf(last, 'show'))).at(-1)?.kind).toBe('result');
});

describe('pictures', () => {
  const lazy = (file: Partial<LazyFile>): LazyFile => ({ ...sent('picture b'), ...file });
  const code = async (picture: LazyFile) => {
    const view = (await platform.run('analogy', { ...three(), picture })).at(-1);
    return view?.kind === 'problem' ? `${view.code}: ${view.sentence}` : view?.kind;
  };

  test('may come in parts', async () => {
    const fetch = async () =>
      (async function* () {
        yield new TextEncoder().encode('pic');
        yield new TextEncoder().encode('ture b');
      })();
    expect(await code(lazy({ fetch }))).toBe('result');
  });

  test('that are said to be too heavy are not fetched', async () => {
    const fetch = async () => {
      throw new Error('it was fetched');
    };
    expect(await code(lazy({ size: 5e6, fetch, name: 'a/b/c.png' }))).toBe(
      'PICTURE_TOO_HEAVY: B (c.png) is 5.0 MB; at most 1 MB are read.',
    );
  });

  test('that cannot be fetched, at once or in the middle, are to be sent again', async () => {
    const refused = async () => {
      throw new Error('403 at https://secret/');
    };
    const broken = async () =>
      (async function* () {
        yield new TextEncoder().encode('picture');
        throw new Error('socket hang up');
      })();
    for (const fetch of [refused, broken]) {
      expect(await code(lazy({ fetch }))).toMatch(/^FETCH_FAILED: B \(picture b\.png\) could not/);
    }
  });
});

test('a result of a job that is not over cannot be refined yet', async () => {
  engine.held = true;
  const running = platform.run('analogy', three());
  let job: string | undefined;
  while (job === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    job = (await engine.jobs({ tenant: 'script:1', user: 'ada' }))[0]?.job;
  }
  const view = (await platform.press(`stronger~${job}`)).at(-1);
  expect(view).toMatchObject({ code: 'JOB_NOT_DONE' });
  engine.held = false;
  await running;
});

test('an old result is not opened beyond the days that the tenant allows', async () => {
  const view = await make();
  now = () => Date.now() + 31 * 86_400_000;
  expect((await platform.press(idOf(view, 'stronger'))).at(-1)).toMatchObject({
    code: 'RESULT_EXPIRED',
    sentence: 'Results can be opened for 30 days here, and this one is older.',
  });
  // It is kept all the same: a tenant that allows more days opens it.
  await platform.settings.set('script:1', { ...defaultSettings, retentionDays: 60 });
  expect((await platform.press(idOf(view, 'stronger'))).at(-1)?.kind).toBe('result');
});

test('nothing of one tenant is there for another', async () => {
  const view = await make();
  const views = await rest(platform.tap(idOf(view, 'stronger'), {}, { tenant: 'script:2' }));
  expect(views.at(-1)).toMatchObject({ code: 'JOB_UNKNOWN' });
});

test('moving pictures are of the kind that the platform shows', async () => {
  const view = await make();
  const views = await rest(platform.tap(idOf(view, 'animate'), {}, { can: { animation: 'gif' } }));
  expect(views.at(-1)).toMatchObject({ pictureKind: 'animation' });
  expect(engine.requests.at(-1)).toMatchObject({ output: 'gif' });
  const original = await platform.press(idOf(views.at(-1) as View, 'original'));
  expect(original.at(-1)).toMatchObject({ files: [{ type: 'image/gif' }] });
});

test('another analogy is added with its weight', async () => {
  const first = await make();
  await platform.run('name', { name: 'glasses' });
  const second = await make();
  const values = { analogy: 'glasses', weight: '-0.5', own: '2' };
  const result = (await platform.press(idOf(second, 'combine'), values)).at(-1) as ResultView;
  expect(engine.requests.at(-1)).toMatchObject({
    kind: 'render',
    analogies: [
      { analogy: second.analogy, weight: 2 },
      { analogy: first.analogy, weight: -0.5 },
    ],
  });
  // What comes of it is an analogy of its own.
  expect(result.analogy).not.toBe(second.analogy);
});

test('commands are described within what chats allow', () => {
  const { list } = createCommands({
    engine,
    settings: platform.settings,
    log: () => {},
    dials: { lambda: [1], guidance: [2] },
    pictureMegabytes: 1,
  });
  expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  for (const { name, description, fields } of list) {
    expect(name).toMatch(/^[a-z]{1,32}$/);
    expect(description.length).toBeLessThanOrEqual(100);
    expect(fields.length).toBeLessThanOrEqual(25);
    const needed = fields.map(({ required }) => required);
    // Required ones first.
    expect(needed).toEqual([...needed].sort((a, b) => Number(b) - Number(a)));
    for (const field of fields) {
      expect(field.name).toMatch(/^[a-z0-9]{1,32}$/);
      expect(field.description.length).toBeLessThanOrEqual(100);
      expect(field.choices?.length ?? 0).toBeLessThanOrEqual(25);
    }
  }
});
