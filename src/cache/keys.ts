import { createHash } from 'node:crypto';
import type { Packable } from './codec.ts';

/** Everything that a cached inversion depends on; two keys are equal when all of it is. */
export interface KeyParts {
  /** Tenant: a guild, a workspace, a visitor. Entries never cross it. */
  scope: string;
  /** SHA-256 of the canonical pixels, hex. */
  image: string;
  /** SHA-256 of the model's files, hex. */
  model: string;
  /** Name of the algorithm, e.g. `tokens`. */
  algorithm: string;
  /** Its parameters, seed and inputs other than the image; any JSON. */
  parameters: Packable;
  /** Raised when the algorithm's answers change for the same parameters. */
  version: number;
}

/**
 * `scope/image/algorithm/digest`, of which the first two can be used as prefixes to forget a tenant
 * or one of its pictures, and the digest covers everything.
 */
export function cacheKey(parts: KeyParts): string {
  const digest = createHash('sha256')
    .update(canonicalJson({ ...parts }))
    .digest('hex');
  return `${imagePrefix(parts.scope, parts.image)}${parts.algorithm}/${digest}`;
}

/** Prefix of everything that a tenant has in the cache. */
export function scopePrefix(scope: string): string {
  // Escaped, so that no tenant's name can reach into another's keys.
  return `${encodeURIComponent(scope)}/`;
}

/** Prefix of everything a tenant has in the cache about one picture. */
export function imagePrefix(scope: string, image: string): string {
  return `${scopePrefix(scope)}${image}/`;
}

/** JSON with sorted keys: equal values give equal text whatever order they were built in. */
export function canonicalJson(value: Packable): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return { $number: String(item) };
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    if (ArrayBuffer.isView(item)) throw new TypeError('a key is made of JSON, not of arrays');
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
