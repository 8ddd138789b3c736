import type { StoredAnalogy } from './analogy.ts';

/** Who asks. A moderator may change and delete what others saved. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
  readonly moderator?: boolean;
}

/** A named analogy, as lists show it. */
export interface NamedAnalogy {
  /** The id by which it is applied. */
  readonly analogy: string;
  readonly name: string;
  readonly description?: string;
  /** The user who saved it. */
  readonly owner: string;
  readonly model: StoredAnalogy['model'];
  /** When the analogy was found, milliseconds since 1970. */
  readonly createdAt: number;
}

export interface SaveRequest {
  /** The id by which it is applied; the tenant has none such in the library. */
  readonly analogy: string;
  readonly name: string;
  readonly description?: string | undefined;
}

/** By which a named analogy is found. */
export type Reference = { readonly name: string } | { readonly analogy: string };

export interface ListOptions {
  /** Only what this user saved. */
  owner?: string | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  /** Most on a page. @default 50 */
  limit?: number;
}

export interface LibraryPage {
  readonly analogies: readonly NamedAnalogy[];
  /** Where the next page begins, where there is one. */
  readonly next?: string;
}

/**
 * The named analogies of each tenant. What one tenant has is never visible to another, nor is that it
 * has it. Unlike the cache, nothing goes by itself: what has a name stays until it is deleted, or its
 * owner is forgotten. All calls are short and done when they return.
 */
export interface Library {
  /**
   * @throws LikewiseError `ANALOGY_NAME_INVALID`, `ANALOGY_DESCRIPTION_INVALID`, `ANALOGY_NAME_TAKEN`,
   *   `ANALOGY_NAMED` where it has a name already, `LIBRARY_FULL`
   */
  save(caller: Caller, request: SaveRequest, stored: StoredAnalogy): NamedAnalogy;
  /** @throws LikewiseError `ANALOGY_UNKNOWN`, `ANALOGY_DAMAGED` */
  get(tenant: string, which: Reference): NamedAnalogy & { readonly stored: StoredAnalogy };
  /** By name. */
  list(tenant: string, options?: ListOptions): LibraryPage;
  /** For completion: names that begin with a text, then those that hold it. @param limit default 25 */
  find(tenant: string, text: string, limit?: number): NamedAnalogy[];
  /**
   * Without a description, removes the one there is.
   * @throws LikewiseError `ANALOGY_UNKNOWN`, `ANALOGY_NOT_YOURS`, `ANALOGY_DESCRIPTION_INVALID`
   */
  describe(caller: Caller, which: Reference, description?: string): NamedAnalogy;
  /** @throws LikewiseError as `describe` and `save` */
  rename(caller: Caller, which: Reference, name: string): NamedAnalogy;
  /** @throws LikewiseError `ANALOGY_UNKNOWN`, `ANALOGY_NOT_YOURS` */
  delete(caller: Caller, which: Reference): void;
  /** Removes all that a user saved in a tenant, from every file. @returns how many */
  forget(tenant: string, user: string): number;
  close(): void;
}

/** Most that there may be. */
export interface LibraryLimits {
  readonly user: number;
  readonly tenant: number;
}
