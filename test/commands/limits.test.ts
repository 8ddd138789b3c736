import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LazyFile, ResultView, View } from '../../src/commands/port.ts';
import { defaultSettings } from '../../src/commands/settings.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  engine = fakeEngine();
  platform = await scriptedPlatform(engine);
});
afterEach(() => platform.close());

const three = () => ({
  before: sent('picture a'),
  after: sent('picture a2'),
  picture: sent('picture b'),
});
const allow = (maxCells: number) =>
  platform.settings.set('script:1', { ...defaultSettings, maxCells });
const last = async (views: Promise<View[]>) => (await views).at(-1) as View;
const make = async () => (await last(platform.run('analogy', three()))) as ResultView;
const actionsOf = ({ buttons }: View) => buttons.flat().map(({ id }) => id.split('~')[0]);
const press = (view: View, action: string) => {
  const button = view.buttons.flat().find(({ id }) => id.startsWith(`${action}~`));
  return last(platform.press(button?.id ?? ''));
};

describe('a tenant that allows few cells', () => {
  test('gets the standard grid as far as there is room', async () => {
    await allow(3);
    expect((await make()).cells.map(({ lambda }) => lambda)).toEqual([0, 1, 2]);
    await allow(1);
    expect((await make()).cells.map(({ lambda }) => lambda)).toEqual([1]);
  });

  test('has what was asked for refused before a picture is fetched', async () => {
    await allow(4);
    const fetch = async () => {
      throw new Error('it was fetched');
    };
    const picture: LazyFile = { ...sent('picture b'), fetch };
    const asked = { ...three(), picture, strengths: '0 1 2 3 4' };
    const views = await platform.run('analogy', asked);
    expect(views).toMatchObject([{ kind: 'problem', code: 'CELLS_TOO_MANY' }]);
    const apply = { picture, strengths: '0 1 2', guidance: '1 2', file: picture };
    expect(await platform.run('apply', apply)).toMatchObject([{ code: 'CELLS_TOO_MANY' }]);
  });

  test.each([1, 2, 3, 4, 5, 6, 8, 9, 12])(
    'of %i is offered nothing that is more than that',
    async (most) => {
      await allow(most);
      await platform.run('analogy', three());
      await platform.run('name', { name: 'glasses' });
      const views = [await make()];
      views.push((await press(views[0] as View, 'stronger')) as ResultView);
      const seen = new Set<string>();
      for (const view of views) {
        for (const { id, asks } of view.buttons.flat()) {
          const names = asks?.map(({ name }) => name) ?? [];
          const all = { analogy: 'glasses', name: `n${seen.size}`, picture: sent('picture c') };
          const given = Object.entries(all).filter(([name]) => names.includes(name));
          const answer = await last(platform.press(id, Object.fromEntries(given)));
          expect([id, answer.kind]).not.toEqual([id, 'problem']);
          seen.add(id.split('~')[0] as string);
        }
      }
      for (const { dials } of engine.requests) {
        expect(dials.lambda.length * dials.guidance.length).toBeLessThanOrEqual(most);
      }
      expect(seen.has('table')).toBe(most >= 9);
      expect(seen.has('finer')).toBe(most >= 3);
      expect(seen.has('animate')).toBe(most >= 4);
      expect(seen.has('stronger')).toBe(true);
    },
  );

  test('sees fewer pictures of a movement', async () => {
    await allow(6);
    await press(await make(), 'animate');
    expect(engine.requests.at(-1)?.dials.lambda).toEqual([0, 0.4, 0.8, 1.2, 1.6, 2]);
  });

  test('has old results refined within the new limit, or refused', async () => {
    const grid = await make();
    expect(actionsOf(grid)).toContain('table');
    await allow(3);
    expect(await press(grid, 'stronger')).toMatchObject({ kind: 'result' });
    expect(engine.requests.at(-1)?.dials.lambda).toEqual([0, 1.5, 3]);
    expect(await press(grid, 'table')).toMatchObject({ code: 'CELLS_TOO_MANY' });
    await platform.run('name', { name: 'glasses' });
    const button = grid.buttons.flat().find(({ id }) => id.startsWith('combine'));
    await platform.press(button?.id ?? '', { analogy: 'glasses' });
    expect(engine.requests.at(-1)?.dials.lambda).toEqual([0, 1, 2]);
  });
});

test('an engine that draws less than the tenant allows: its limit holds', async () => {
  const small = await scriptedPlatform(engine, undefined, { mostCells: 4 });
  const view = await last(small.run('analogy', three()));
  expect((view as ResultView).cells).toHaveLength(4);
  const views = await small.run('analogy', { ...three(), strengths: '0 1 2 3 4' });
  expect(views).toMatchObject([{ code: 'CELLS_TOO_MANY' }]);
  // What the admin set is kept.
  const shown = await last(small.run('settings', { perday: 3 }, { admin: true }));
  expect(JSON.stringify(shown)).toContain('cells: 50');
  await small.close();
});
