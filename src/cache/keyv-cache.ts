import type { Keyv } from 'keyv';
import type { Cache } from './port.ts';

/**
 * A `Cache` on any Keyv instance. Give Keyv `throwOnErrors: true`, or a store that is out of order
 * looks like an empty one. `deletePrefix` needs a store whose keys Keyv can iterate.
 */
export function keyvCache(keyv: Keyv<Uint8Array>): Cache {
  return {
    async get(key) {
      const value = await keyv.get<Uint8Array>(key);
      return value === undefined ? undefined : new Uint8Array(value);
    },

    async set(key, bytes, options = {}) {
      // A Buffer, because that is what Keyv's JSON serializer keeps as bytes (base64).
      await keyv.set(key, Buffer.from(bytes), options.ttlMs);
    },

    delete: (key) => keyv.delete(key),

    async deletePrefix(prefix) {
      if (!keyv.iterator) throw new Error('this store cannot list its keys');
      const keys: string[] = [];
      for await (const [key] of keyv.iterator(undefined)) {
        if (typeof key === 'string' && key.startsWith(prefix)) keys.push(key);
      }
      for (const key of keys) await keyv.delete(key);
      return keys.length;
    },

    close: () => keyv.disconnect(),
  };
}
