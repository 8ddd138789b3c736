import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import type { webErrors } from '../../errors/web.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';

/**
 * Every source is named, and all of them are this server: the page has no other, not even for a font.
 * `data:` and `blob:` are pictures that the page made or was given.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

type WebErrorCode = keyof typeof webErrors;

const statuses = {
  HOST_UNKNOWN: 421,
  FORBIDDEN: 403,
  SIGN_IN: 401,
  PASSWORD_WRONG: 403,
  TOO_MANY: 429,
  TOO_LARGE: 413,
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
} as const satisfies Record<WebErrorCode, number>;

/** What the page reads of an error. */
export interface Refused {
  readonly code: string;
  /** What happened, and what to do next. */
  readonly message: string;
}

/** The answer to a request that the server itself refuses; undefined for every other error. */
export function refusal(
  error: unknown,
): { readonly status: (typeof statuses)[WebErrorCode]; readonly body: Refused } | undefined {
  if (!isLikewiseError(error) || !Object.hasOwn(statuses, error.code)) return undefined;
  const { code, message } = error;
  return { status: statuses[code as WebErrorCode], body: { code, message } };
}

/** The header that a page of another site cannot send without being asked first. */
export const pageHeader = 'likewise-page';

/** Headers that hold for every answer, refusals too. */
export function secured(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('content-security-policy', policy);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-resource-policy', 'same-origin');
    c.header('cross-origin-opener-policy', 'same-origin');
    c.header('x-frame-options', 'DENY');
    c.header('permissions-policy', 'geolocation=(), microphone=(), payment=(), usb=()');
  };
}

/**
 * Answers only under names that this server has. A page of another site may have its own name lead to
 * this address (DNS rebinding); it cannot have an IP address do so. Others get `HOST_UNKNOWN`.
 * @param names host names beyond `localhost`, without a port
 */
export function namedHost(names: readonly string[]): MiddlewareHandler {
  const known = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  return async (c, next) => {
    const host = hostName(c.req.header('host'));
    if (host !== undefined && (known.has(host) || isIP(host) !== 0)) return next();
    throw new LikewiseError('HOST_UNKNOWN', { host: host?.slice(0, 100) ?? 'nothing' });
  };
}

/** Refuses what another site had a visitor's browser send, as `FORBIDDEN`. */
export function sameOrigin(): MiddlewareHandler {
  return async (c, next) => {
    const isSafe = c.req.method === 'GET' || c.req.method === 'HEAD';
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    const trusted =
      (site === undefined || site === 'same-origin' || (isSafe && site === 'none')) &&
      (origin === undefined || originHost(origin) === c.req.header('host')) &&
      (isSafe || c.req.header(pageHeader) === '1');
    if (trusted) return next();
    throw new LikewiseError('FORBIDDEN', {});
  };
}

/** `[::1]:80` -> `::1`; undefined for what is no host. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]@/\s]+))(?::\d{1,5})?$/.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
