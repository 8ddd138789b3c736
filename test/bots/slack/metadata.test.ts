import { expect, it } from 'vitest';
import { metadataOf, readMetadata } from '../../../src/bots/slack/metadata.ts';

it('comes back as it went', () => {
  const all = {
    channel: 'C1',
    thread: '1.2',
    message: '1.3',
    analogy: 'a "name" with ünïcode',
    job: 'j',
    files: ['F1', 'F2'],
  };
  expect(readMetadata(metadataOf(all))).toEqual(all);
  expect(readMetadata(metadataOf({}))).toEqual({});
});

it('is within what Slack keeps, whatever a member writes behind a command', () => {
  const analogy = 'x'.repeat(5000);
  const text = metadataOf({ channel: 'C1', analogy });
  expect(text.length).toBeLessThanOrEqual(3000);
  expect(readMetadata(text).channel).toBe('C1');
});

it.each(['', 'no JSON', '[]', '{"channel":7}', 'null'])(
  'is nothing where it is not: %s',
  (text) => {
    expect(readMetadata(text)).toEqual({});
  },
);
