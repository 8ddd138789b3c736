/** What is found once and kept: keys, records, and where they are stored. */
import { openCache, rawKeyv } from './folder.ts';
import { keyvCache } from './keyv-cache.ts';
import type { Cache, CacheOptions } from './port.ts';
import { isRedisAddress, openRedisCache } from './redis.ts';

export { CorruptRecordError, type Packable, pack, unpack } from './codec.ts';
export { openCache } from './folder.ts';
export {
  type Algorithm,
  cacheKey,
  canonicalJson,
  idKey,
  imagePrefix,
  type KeyParts,
  type Kind,
  kindOf,
  kinds,
  scopePrefix,
} from './keys.ts';
export { type CacheParts, keyvCache } from './keyv-cache.ts';
export {
  type Cache,
  type CacheOptions,
  type Kept,
  nobody,
  type Swept,
  type Usage,
} from './port.ts';
export { type Records, type RecordsOptions, records } from './records.ts';
export { isRedisAddress, openRedisCache } from './redis.ts';
export { cacheOptions } from './settings.ts';
export {
  type Counter,
  type Counts,
  counters,
  createStatistics,
  type Statistics,
} from './statistics.ts';

/** A cache that lives as long as the process. */
export function memoryCache(options: CacheOptions = {}): Cache {
  return keyvCache({ values: rawKeyv(new Map()), catalogue: rawKeyv(new Map()) }, options);
}

/**
 * The cache that the setting `cache` names: a folder, or a Redis server by its address.
 * @throws Error where it cannot be used
 */
export async function openCacheAt(place: string, options: CacheOptions = {}): Promise<Cache> {
  return isRedisAddress(place) ? await openRedisCache(place, options) : openCache(place, options);
}
