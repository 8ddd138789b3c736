import { expect, it } from 'vitest';
import {
  cacheKey,
  canonicalJson,
  idKey,
  imagePrefix,
  type KeyParts,
  kindOf,
  scopePrefix,
} from '../../src/cache/index.ts';

const parts = {
  scope: 'guild-1',
  image: 'aa',
  model: 'bb',
  algorithm: 'tokens',
  parameters: { lr: 0.01, rows: [1, 10], stop: { loss: 0.1, patience: 3 } },
  version: 1,
} satisfies KeyParts;

it('changes with every part', () => {
  const others: KeyParts[] = [
    parts,
    { ...parts, scope: 'guild-2' },
    { ...parts, image: 'ab' },
    { ...parts, model: 'bc' },
    { ...parts, algorithm: 'noise' },
    { ...parts, parameters: { ...parts.parameters, lr: 0.02 } },
    { ...parts, parameters: { ...parts.parameters, extra: null } },
    { ...parts, version: 2 },
  ];
  const keys = others.map(cacheKey);
  expect(new Set(keys).size).toBe(keys.length);
});

it('does not depend on the order of parameters', () => {
  const { lr, rows, stop } = parts.parameters;
  const shuffled = { stop: { patience: stop.patience, loss: stop.loss }, rows, lr };
  expect(cacheKey({ ...parts, parameters: shuffled })).toBe(cacheKey(parts));
  expect(canonicalJson({ a: Number.POSITIVE_INFINITY })).not.toBe(canonicalJson({ a: null }));
});

it('stays below its tenant and its picture, whatever the tenant is called', () => {
  expect(cacheKey(parts).startsWith(imagePrefix('guild-1', 'aa'))).toBe(true);
  const rogue = cacheKey({ ...parts, scope: 'guild-1/aa' });
  expect(rogue.startsWith(scopePrefix('guild-1'))).toBe(false);
});

it('tells the kind of what it names', () => {
  expect(kindOf(cacheKey(parts))).toBe('embeddings');
  expect(kindOf(cacheKey({ ...parts, algorithm: 'noise' }))).toBe('noises');
  expect(kindOf(idKey('a/b', 'analogy', 'x/y'))).toBe('analogies');
  expect(kindOf(idKey('a', 'picture', 'x'))).toBe('pictures');
  expect(kindOf(idKey('a', 'cell', 'x'))).toBe('cells');
});

it.each([
  '',
  'a',
  'a/b/tokens',
  'a/b/other/id',
  'a/b/constructor/id',
  'a/b/tokens/id/more',
  '/b/tokens/id',
])('"%s" is no key', (key) => {
  expect(() => kindOf(key)).toThrow(TypeError);
});

it('keeps ids below their tenant, whatever they are', () => {
  expect(idKey('t', 'cell', '../u/x').startsWith(scopePrefix('t'))).toBe(true);
  expect(idKey('t/u', 'cell', 'x').startsWith(scopePrefix('t'))).toBe(false);
  expect(idKey('t', 'cell', 'x')).not.toBe(idKey('t', 'picture', 'x'));
});
