import { describe, expect, it } from 'vitest';
import { jobRequestSchema, nameSchema } from '../../src/engine/protocol.ts';

describe('names', () => {
  it.each(['a', 'discord:1', 'p.0', '...', '.a', 'i:7@x+-_'])('%s is one', (name) => {
    expect(nameSchema.safeParse(name).success).toBe(true);
    // It stays where it is put in an address.
    expect(new URL(`/v1/jobs/${encodeURIComponent(name)}/x`, 'http://a').pathname).toBe(
      `/v1/jobs/${encodeURIComponent(name)}/x`,
    );
  });

  it.each(['', '.', '..', 'a b', 'a/b', 'ä', 'x'.repeat(129)])('“%s” is none', (name) => {
    expect(nameSchema.safeParse(name).success).toBe(false);
  });
});

describe('a transient render', () => {
  const render = {
    kind: 'render',
    analogies: [{ analogy: 'e.1', weight: 1 }],
    b: 'p1',
    dials: { lambda: [0.5], guidance: [2] },
    transient: true,
  };
  it('is of one direction as it is, and of few cells', () => {
    expect(jobRequestSchema.safeParse(render).success).toBe(true);
    const half = [{ analogy: 'e.1', weight: 0.5 }];
    const many = { lambda: [0, 1, 2, 3, 4, 5], guidance: [1, 2] };
    const others = [{ analogies: half }, { text: 'hair' }, { dials: many }];
    for (const other of others) {
      expect(jobRequestSchema.safeParse({ ...render, ...other }).success).toBe(false);
      const kept = { ...render, ...other, transient: false };
      expect(jobRequestSchema.safeParse(kept).success).toBe(true);
    }
  });
});
