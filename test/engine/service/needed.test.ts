import { expect, it } from 'vitest';
import { createNeeded } from '../../../src/engine/service/needed.ts';

it('needs a record as long as one job does', () => {
  const needed = createNeeded();
  needed.open('one');
  needed.open('two');
  for (const job of ['one', 'two', 'two']) needed.add(job, 'key');
  needed.release('two');
  expect(needed.has('key')).toBe(true);
  needed.release('one');
  expect(needed.has('key')).toBe(false);
});

it('takes nothing in for a job that is over', () => {
  const needed = createNeeded();
  needed.open('one');
  needed.release('one');
  needed.add('one', 'key');
  needed.add('never', 'key');
  expect(needed.has('key')).toBe(false);
});
