import { describe, expect, it } from 'vitest';
import { presets, tokensOptions } from '../../../src/engine/inversion/index.ts';

describe('the options of Eq. 2', () => {
  it('of fast are for a short way where the model guesses, and for a long one where it does not', () => {
    const guessing = tokensOptions(presets.fast, { predictTokens: async (z) => z });
    const other = tokensOptions(presets.fast, {});
    expect(guessing).toEqual(presets.fast.tokens);
    expect(other.iterations).toBeGreaterThan(guessing.iterations);
    expect(other.learningRate).toBeGreaterThan(guessing.learningRate);
    expect(other.sparsity).toBeLessThan(guessing.sparsity);
    expect({ ...other, ...presets.fast.tokens }).toEqual(guessing);
  });

  it('of paper are the same for every model: it never guesses', () => {
    const options = [{}, { predictTokens: async () => Promise.reject() }].map((model) =>
      tokensOptions(presets.paper, model),
    );
    expect(options[0]).toEqual(presets.paper.tokens);
    expect(options[1]).toEqual(presets.paper.tokens);
    expect(presets.paper.tokens.start).toBe('empty');
  });
});
