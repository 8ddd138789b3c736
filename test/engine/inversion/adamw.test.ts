import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AdamWOptions, adamwStart, adamwStep } from '../../../src/engine/inversion/adamw.ts';

interface Recording {
  options: AdamWOptions;
  start: number[];
  steps: { gradient: number[]; x: number[] }[];
}

const recordings: Recording[] = JSON.parse(
  readFileSync(new URL('./adamw.json', import.meta.url), 'utf8'),
);

it('makes the steps that PyTorch made', () => {
  expect(recordings.length).toBe(2);
  for (const { options, start, steps } of recordings) {
    let state = adamwStart(start);
    for (const step of steps) {
      state = adamwStep(state, step.gradient, options);
      step.x.forEach((x, i) => {
        expect(state.x[i]).toBeCloseTo(x, 12);
      });
    }
    expect(state.step).toBe(25);
  }
});

it('changes no state that it was given', () => {
  const before = adamwStart([1, 2]);
  adamwStep(before, [1, 1], { learningRate: 0.1 });
  expect(before).toEqual(adamwStart([1, 2]));
});
