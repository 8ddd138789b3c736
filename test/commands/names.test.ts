import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCommands } from '../../src/commands/index.ts';
import type { ProblemView } from '../../src/commands/port.ts';
import { longestDescription, longestName } from '../../src/engine/library/names.ts';
import { fakeEngine } from './fake-engine.ts';
import { type Scripted, scriptedPlatform, sent } from './scripted-platform.ts';

let engine: ReturnType<typeof fakeEngine>;
let platform: Scripted;
beforeEach(async () => {
  engine = fakeEngine();
  platform = await scriptedPlatform(engine);
  const three = {
    before: sent('picture a'),
    after: sent('picture a2'),
    picture: sent('picture b'),
  };
  await platform.run('analogy', three);
});
afterEach(() => platform.close());

const name = async (input: object) => (await platform.run('name', { ...input })).at(-1);
const saved = () => [...engine.named.values()];

test('names are as long as the library takes them, counted as it counts', async () => {
  // Composed, these are 64: an é is two letters before that, and spaces are single.
  const long = `  ${'e\u0301'.repeat(30)}   ${'x'.repeat(33)} `;
  expect(await name({ name: long })).toMatchObject({ kind: 'text' });
  expect(saved()[0]?.name).toBe(`${'\u00e9'.repeat(30)} ${'x'.repeat(33)}`);
  expect(saved()[0]?.name).toHaveLength(longestName);
  const over = (await name({ name: 'x'.repeat(65) })) as ProblemView;
  expect(over.sentence).toBe('name cannot be used: it is longer than 64 characters.');
  expect(
    (await platform.run('rename', { analogy: 'x', name: 'x'.repeat(65) })).at(-1),
  ).toMatchObject({ code: 'INPUT_INVALID' });
});

test('descriptions too: a line that is shorter once it is one', async () => {
  const lines = `${'word\n\n\n'.repeat(99)}words`;
  expect(lines.length).toBeGreaterThan(longestDescription);
  expect(await name({ name: 'a', description: lines })).toMatchObject({ kind: 'text' });
  expect(saved()[0]?.description).toBe(`${'word '.repeat(99)}words`);
  const over = (await name({ name: 'b', description: 'x'.repeat(501) })) as ProblemView;
  expect(over.sentence).toBe('description cannot be used: it is longer than 500 characters.');
});

test('the fields say so', () => {
  const { list } = createCommands({
    engine,
    settings: platform.settings,
    log: () => {},
    dials: { lambda: [1], guidance: [2] },
    pictureMegabytes: 1,
  });
  const fields = list.flatMap((command) => command.fields.map((one) => ({ ...one, command })));
  const names = fields.filter((one) => one.name === 'name');
  expect(names.map(({ command }) => command.name)).toEqual(['name', 'rename', 'import']);
  for (const { max } of names) expect(max).toBe(longestName);
  const descriptions = fields.filter((one) => one.name === 'description');
  expect(descriptions).toHaveLength(2);
  for (const { max } of descriptions) expect(max).toBe(longestDescription);
});
