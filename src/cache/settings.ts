import type { Config } from '../../config/index.ts';
import { kinds } from './keys.ts';
import type { CacheOptions } from './port.ts';

const msPerDay = 86_400_000;

/** The settings as the cache takes them: days to ms, MB to bytes. */
export function cacheOptions(
  config: Pick<Config, 'retention' | 'cacheMegabytes'>,
): Required<Pick<CacheOptions, 'retention' | 'maxBytes'>> {
  const retention = Object.fromEntries(
    kinds.map((kind) => [kind, config.retention[kind] * msPerDay]),
  );
  return { retention, maxBytes: config.cacheMegabytes * 1e6 };
}
