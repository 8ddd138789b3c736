import { join } from 'node:path';
import { Keyv } from 'keyv';
import { keyvCache } from './keyv-cache.ts';
import type { Cache } from './port.ts';
import { sqliteStore } from './sqlite-store.ts';

export { CorruptRecordError, type Packable, pack, unpack } from './codec.ts';
export { cacheKey, canonicalJson, imagePrefix, type KeyParts, scopePrefix } from './keys.ts';
export { keyvCache } from './keyv-cache.ts';
export type { Cache } from './port.ts';
export { type Records, type RecordsOptions, records } from './records.ts';
export { sqliteStore } from './sqlite-store.ts';

/** The cache in a folder: one SQLite file, made when it is not there. */
export function openCache(dir: string): Cache {
  return onStore(sqliteStore(join(dir, 'cache.sqlite')));
}

/** A cache that lives as long as the process. */
export function memoryCache(): Cache {
  return onStore(new Map());
}

function onStore(store: unknown): Cache {
  const keyv = new Keyv<Uint8Array>({
    store,
    // Raw values: the stores above keep bytes as bytes. Keyv's type wants them absent, its code
    // wants them present and undefined.
    ...({ serialize: undefined, deserialize: undefined } as object),
    useKeyPrefix: false,
    throwOnErrors: true,
  });
  // Errors are thrown as well; without a listener Keyv would throw them a second time.
  keyv.on('error', () => {});
  return keyvCache(keyv);
}
