import { expect, it } from 'vitest';
import { prepare as prepareDiscord } from '../../src/bots/discord/prepare.ts';
import { readFiles, withoutFile } from '../../src/bots/prepare.ts';
import { prepare as prepareSlack } from '../../src/bots/slack/prepare.ts';
import { createCommands } from '../../src/commands/index.ts';
import type { ProgressView, View } from '../../src/commands/port.ts';
import { LikewiseError } from '../../src/errors.ts';

const gone = new LikewiseError('FILE_UNKNOWN', { file: 'f1' });
const said = { kind: 'text', lines: ['gone'] } as unknown as View;
const progress: ProgressView = {
  kind: 'progress',
  text: 'drawn',
  fraction: 0.5,
  remarks: [],
  buttons: [],
  private: false,
};

it('files are read in their order; each is known again by its id, or by its name', async () => {
  const bytes = Buffer.from('here');
  const files = [
    { name: 'a.png', alt: 'a cat', file: 'f1' },
    { name: 'b.png', bytes },
  ];
  expect(await readFiles(files, async (file) => Buffer.from(file))).toEqual([
    { name: 'a.png', alt: 'a cat', bytes: Buffer.from('f1'), key: 'f1' },
    { name: 'b.png', alt: undefined, bytes, key: 'b.png' },
  ]);
});

it('a preview that is gone is not missed; another file is told of; another fault is thrown', () => {
  const view = { ...progress, preview: 'f1' };
  expect(withoutFile(view, gone, () => said)).toEqual(progress);
  expect(withoutFile(progress, gone, () => said)).toBe(said);
  const fault = new Error('a fault');
  expect(() => withoutFile(view, fault, () => said)).toThrow(fault);
});

it.each([
  ['Discord', prepareDiscord],
  ['Slack', prepareSlack],
])('a file that is gone is told of in the language of whoever asked: %s', async (_, prepare) => {
  const { problem } = createCommands({} as never);
  const file = () => Promise.reject(gone);
  const files = [{ file: 'f1', name: 'a.png', type: 'image/png', alt: 'a cat' }];
  const view = { ...said, files, buttons: [], private: true } as unknown as View;
  const ready = await prepare(view, {
    commands: { file, problem },
    context: { locale: 'de' },
    limit: 1e6,
    draw: { locale: 'de', now: 0 },
  } as never);
  const { sentence } = problem(gone, 'de');
  expect(sentence).not.toBe(problem(gone).sentence);
  expect(JSON.stringify(ready)).toContain(sentence);
});
