import { LikewiseError } from '../../errors.ts';

/** Something that may go better the next time: a broken connection, a server that is too busy. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

export interface HubFetchOptions {
  /** Address of the hub, without a slash at its end. */
  readonly hub: string;
  readonly repo: string;
  readonly revision: string;
  /** Empty: none. */
  readonly token: string;
}

/**
 * `fetch` as the hub's library is given it. It shows the token to the hub and to nobody else, and
 * turns refusals into errors that say what to do: what the library makes of them lacks the header
 * that tells an unknown repository from an unknown revision.
 * @param signal asked for at each request
 */
export function hubFetch(options: HubFetchOptions, signal: () => AbortSignal): typeof fetch {
  const origin = new URL(options.hub).origin;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    if (options.token !== '' && url.origin === origin && !headers.has('authorization')) {
      headers.set('authorization', `Bearer ${options.token}`);
    }
    const stopped = signal();
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, signal: stopped });
    } catch (cause) {
      if (stopped.aborted) throw stopped.reason;
      throw new TransientError(reasonOf(cause), { cause });
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw refusal(response, options);
  };
}

function refusal({ status, headers }: Response, options: HubFetchOptions): Error {
  const { hub, repo, revision, token } = options;
  const code = headers.get('x-error-code') ?? '';
  if (code === 'RevisionNotFound') {
    return new LikewiseError('HUB_REVISION_UNKNOWN', { repo, revision });
  }
  // The hub answers 401 for what does not exist, to those it does not know.
  if (code === 'RepoNotFound') return new LikewiseError('HUB_REPO_UNKNOWN', { repo, hub });
  if (status === 401 || status === 403) {
    const reason =
      code === 'GatedRepo'
        ? 'its terms have to be accepted first'
        : token === ''
          ? `it asks for a token (${status})`
          : `it does not accept the token (${status})`;
    return new LikewiseError('HUB_FORBIDDEN', { hub, repo, reason });
  }
  if (status === 404 && code !== 'EntryNotFound') {
    return new LikewiseError('HUB_REPO_UNKNOWN', { repo, hub });
  }
  return new TransientError(`it answers with status ${status}`);
}

/** What `fetch` hides behind "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as (Error & { code?: string }) | undefined;
  const message = cause?.message || cause?.code || error.message;
  return message.replace(/\.$/, '');
}
