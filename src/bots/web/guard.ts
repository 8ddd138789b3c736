import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';

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

/** A refusal of the server's own, as the page reads it. */
export interface Refused {
  readonly code: 'FORBIDDEN' | 'SIGN_IN' | 'TOO_LARGE' | 'TOO_MANY' | 'NOT_FOUND' | 'BAD_REQUEST';
  readonly message: string;
}

export function refused(code: Refused['code'], message: string): Refused {
  return { code, message };
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
 * this address (DNS rebinding); it cannot have an IP address do so.
 * @param names host names beyond `localhost`, without a port
 */
export function namedHost(names: readonly string[]): MiddlewareHandler {
  const known = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  return async (c, next) => {
    const host = hostName(c.req.header('host'));
    if (host !== undefined && (known.has(host) || isIP(host) !== 0)) return next();
    const message = 'This server is not known by that name. Its operator can add it to web.hosts.';
    return c.json(refused('FORBIDDEN', message), 421);
  };
}

/** Refuses what another site had a visitor's browser send. */
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
    return c.json(refused('FORBIDDEN', 'Only the page of this server may ask this.'), 403);
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
