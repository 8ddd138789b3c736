import { Keyv } from 'keyv';
import { keyvCache } from './keyv-cache.ts';
import type { Cache, CacheOptions } from './port.ts';

/** Milliseconds to wait for a server before a call fails. */
const patienceMs = 5000;

/**
 * The cache on a Redis server, which several engines may share. Values are kept there as base64, by
 * Keyv's own serializer, so they take 4/3 of the bytes that the cap counts. What is forgotten is gone
 * from the server's memory; whether its own files on disk still hold it is for the server's settings.
 *
 * @param url `redis://` or `rediss://`, with user and password where the server asks for them
 * @throws Error where the server cannot be reached
 */
export async function openRedisCache(url: string, options: CacheOptions = {}): Promise<Cache> {
  // Loaded here: whoever keeps a folder does not start a client.
  const { default: KeyvRedis } = await import('@keyv/redis');
  const stores: InstanceType<typeof KeyvRedis>[] = [];
  let found = false;
  const open = async <Value>(namespace: string): Promise<Keyv<Value>> => {
    const socket = {
      connectTimeout: patienceMs,
      // A server that is not there at first is a wrong address; one that was, may come back.
      reconnectStrategy: (attempts: number) => found && Math.min(2 ** attempts * 50, 2000),
    };
    const store = new KeyvRedis<Value>(
      // Without a queue, calls fail at once while the server is away.
      { url, disableOfflineQueue: true, socket },
      { throwOnErrors: true, throwOnConnectError: true, connectionTimeout: patienceMs },
    );
    stores.push(store);
    const keyv = new Keyv<Value>({ store, namespace, useKeyPrefix: false, throwOnErrors: true });
    // Errors are thrown as well.
    keyv.on('error', () => {});
    await store.getClient();
    return keyv;
  };
  try {
    const values = await open<Uint8Array>('likewise-values');
    const catalogue = await open<string>('likewise-catalogue');
    found = true;
    return keyvCache({ values, catalogue }, options);
  } catch (error) {
    for (const store of stores) await store.disconnect(true);
    throw error;
  }
}

/** Whether a setting names a Redis server, and not a folder. */
export function isRedisAddress(place: string): boolean {
  return /^rediss?:\/\//.test(place);
}
