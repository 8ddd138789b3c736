import { expect, test } from 'vitest';
import { latest } from '../../../src/engine/metrics/latest.ts';

test('an answer that comes is given', async () => {
  let n = 0;
  const ask = latest(async () => ++n, 10_000);
  expect([await ask(), await ask()]).toEqual([1, 2]);
});

test('whoever does not answer is asked once, and the last answer stands in', async () => {
  const asked: ((n: number) => void)[] = [];
  const ask = latest(() => new Promise<number>((resolve) => void asked.push(resolve)), 5);
  expect(await ask()).toBeUndefined();
  expect(await ask()).toBeUndefined();
  expect(asked).toHaveLength(1);
  asked[0]!(1);
  expect(await ask()).toBe(1);
  // Nobody has answered the second question.
  expect(await ask()).toBe(1);
  expect(asked).toHaveLength(2);
});

test('an answer that fails is none, and the next question is asked', async () => {
  let fails = false;
  const ask = latest(async () => {
    if (fails) throw new Error('gone');
    return 1;
  }, 10_000);
  expect(await ask()).toBe(1);
  fails = true;
  expect(await ask()).toBeUndefined();
  fails = false;
  expect(await ask()).toBe(1);
});
