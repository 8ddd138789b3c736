import { createHash } from 'node:crypto';
import type { Packable } from './codec.ts';

/** What is kept; each kind has a retention of its own. */
export const kinds = ['embeddings', 'noises', 'analogies', 'pictures', 'cells'] as const;
export type Kind = (typeof kinds)[number];

/** What makes records, and the kind of what it makes. */
const kindOfAlgorithm = {
  tokens: 'embeddings',
  features: 'embeddings',
  noise: 'noises',
  analogy: 'analogies',
  picture: 'pictures',
  cell: 'cells',
} as const satisfies Record<string, Kind>;
export type Algorithm = keyof typeof kindOfAlgorithm;

/** Everything that a cached inversion depends on; two keys are equal when all of it is. */
export interface KeyParts {
  /** Tenant: a guild, a workspace, a visitor. Entries never cross it. */
  scope: string;
  /** SHA-256 of the canonical pixels, hex. */
  image: string;
  /** SHA-256 of the model's files, hex. */
  model: string;
  /** Name of the algorithm, e.g. `tokens`: it decides the kind. */
  algorithm: Algorithm;
  /** Its parameters, seed and inputs other than the image; any JSON. */
  parameters: Packable;
  /** Raised when the algorithm's answers change for the same parameters. */
  version: number;
}

/**
 * `scope/image/algorithm/digest`, of which the first is what all of a tenant is found by, and the
 * digest covers everything. Owners are no part of a key: one tenant's
 * users share what is found about the same picture, and each of them is noted beside it.
 */
export function cacheKey(parts: KeyParts): string {
  const digest = createHash('sha256')
    .update(canonicalJson({ ...parts }))
    .digest('hex');
  return `${imagePrefix(parts.scope, parts.image)}${parts.algorithm}/${digest}`;
}

/**
 * The key of what is looked up by an id of its own, and not by what it was made from: a picture, an
 * analogy, a rendered cell.
 */
export function idKey(scope: string, algorithm: Algorithm, id: string): string {
  return `${scopePrefix(scope)}${encodeURIComponent(id)}/${algorithm}/id`;
}

/**
 * The kind of what is kept under a key.
 * @throws TypeError for a key that neither `cacheKey` nor `idKey` made
 */
export function kindOf(key: string): Kind {
  const [scope, subject, algorithm, digest, ...rest] = key.split('/');
  const whole = scope && subject && digest && rest.length === 0;
  if (!whole || !Object.hasOwn(kindOfAlgorithm, algorithm ?? '')) {
    throw new TypeError(`"${key}" is no key of cacheKey() or idKey()`);
  }
  return kindOfAlgorithm[algorithm as Algorithm];
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
