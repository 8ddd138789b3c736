import { CorruptRecordError, type Packable, pack, unpack } from './codec.ts';
import type { Cache } from './port.ts';

/** Typed records in a cache; what is damaged is dropped and counts as missing. */
export interface Records {
  get(key: string): Promise<Packable | undefined>;
  set(key: string, value: Packable): Promise<void>;
  delete(key: string): Promise<boolean>;
}

export interface RecordsOptions {
  /** Told of each entry that was damaged and has been dropped. */
  onCorrupt?: (key: string, error: CorruptRecordError) => void;
}

export function records(cache: Cache, options: RecordsOptions = {}): Records {
  return {
    async get(key) {
      const bytes = await cache.get(key);
      if (!bytes) return undefined;
      try {
        return unpack(bytes);
      } catch (error) {
        if (!(error instanceof CorruptRecordError)) throw error;
        await cache.delete(key);
        options.onCorrupt?.(key, error);
        return undefined;
      }
    },
    set: (key, value) => cache.set(key, pack(value)),
    delete: (key) => cache.delete(key),
  };
}
