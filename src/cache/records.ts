import { CorruptRecordError, type Packable, pack, unpack } from './codec.ts';
import { kindOf } from './keys.ts';
import { type Cache, nobody } from './port.ts';

/**
 * Typed records in a cache; what is damaged is dropped, counted, and counts as missing, so that it is
 * found again.
 */
export interface Records {
  get(key: string): Promise<Packable | undefined>;
  set(key: string, value: Packable): Promise<void>;
  delete(key: string): Promise<boolean>;
}

export interface RecordsOptions {
  /**
   * The user of the tenant on whose behalf it is read and written; null: what is read stays whose it is.
   * @default nobody's
   */
  owner?: string | null;
  /** Told of each entry that was damaged and has been dropped. */
  onCorrupt?: (key: string, error: CorruptRecordError) => void;
}

export function records(cache: Cache, options: RecordsOptions = {}): Records {
  const { owner = nobody, onCorrupt } = options;
  const { statistics } = cache;
  return {
    async get(key) {
      const kind = kindOf(key);
      const bytes = await cache.get(key, owner);
      if (!bytes) {
        statistics.count(kind, 'misses');
        return undefined;
      }
      try {
        const value = unpack(bytes);
        statistics.count(kind, 'hits');
        return value;
      } catch (error) {
        if (!(error instanceof CorruptRecordError)) throw error;
        await cache.delete(key);
        statistics.count(kind, 'misses');
        statistics.count(kind, 'corrupt');
        onCorrupt?.(key, error);
        return undefined;
      }
    },
    set: (key, value) => cache.set(key, pack(value), owner ?? nobody),
    delete: (key) => cache.delete(key),
  };
}
