import { expect, it } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { cacheOptions, kinds } from '../../src/cache/index.ts';

it('the settings say how long each kind is kept, and how much of all', () => {
  const config = loadConfig({
    LIKEWISE_CACHE_MEGABYTES: '12.5',
    LIKEWISE_RETENTION_CELLS: '0.5',
    LIKEWISE_RETENTION_NOISES: '2',
  });
  const { retention, maxBytes } = cacheOptions(config);
  expect(maxBytes).toBe(12_500_000);
  expect(retention).toMatchObject({ cells: 43_200_000, noises: 172_800_000 });
  expect(Object.keys(retention).sort()).toEqual([...kinds].sort());
});
