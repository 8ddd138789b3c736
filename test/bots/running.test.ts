import { expect, it } from 'vitest';
import { createRunning } from '../../src/bots/running.ts';

it('a stop waits for what is under way; what fails is logged, and ends nothing else', async () => {
  const logged: unknown[] = [];
  const { track, settled } = createRunning((...line) => void logged.push(line), 'Discord');
  const fault = new Error('a fault');
  const work = Promise.withResolvers<void>();
  const done: string[] = [];
  track(Promise.reject(fault));
  track(work.promise.then(() => void done.push('work')));
  const stop = settled().then(() => void done.push('stop'));
  // Enough for all that does not wait.
  await new Promise(setImmediate);
  expect(done).toEqual([]);
  work.resolve();
  await stop;
  expect(done).toEqual(['work', 'stop']);
  expect(logged).toEqual([[{ err: fault }, 'something was not done on Discord']]);
});
