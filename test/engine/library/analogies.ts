import type { AnalogyModel, StoredAnalogy } from '../../../src/engine/library/index.ts';

/** A model's particulars, small. */
export const model: AnalogyModel = {
  id: 'toy',
  hash: '0123456789abcdef'.repeat(4),
  text: { length: 3, width: 2 },
};

/** An analogy of it, its numbers by a seed. */
export function analogyOf(seed: number, withFeatures = false): StoredAnalogy {
  const numbers = (offset: number) =>
    Float32Array.from({ length: 6 }, (_, i) => Math.sin(seed * 100 + offset + i));
  return {
    model: { id: model.id, hash: model.hash },
    direction: numbers(0),
    shape: [3, 2],
    ...(withFeatures && { features: { a: numbers(10), aPrime: numbers(20) } }),
    algorithm: { name: 'fast', version: 4, tokens: 8 },
    createdAt: Date.UTC(2026, 1, 3, 4, 5, 6, 789),
  };
}
