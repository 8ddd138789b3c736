import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { LikewiseError } from '../../errors.ts';
import { isLoopback } from './guard.ts';
import type { HandOn } from './uploads.ts';

/** Who may use the page. */
export interface Access {
  /** The address that the server listens on. */
  readonly host: string;
  /** What visitors have to know; needed where the server is not on loopback alone. */
  readonly password?: string | undefined;
  /**
   * In which a reverse proxy names the user that it has let in, e.g. `x-forwarded-user`. Whoever
   * reaches the server past the proxy can name anybody: let only the proxy reach it.
   */
  readonly proxyHeader?: string | undefined;
}

export interface Visitor {
  /** `web:…`: what belongs to it is seen by nobody else. */
  readonly tenant: string;
}

export type WebEnv = { Variables: { visitor: Visitor; handOn: HandOn } };

export interface Sessions {
  /** Knows the visitor by the cookie, or gives one. @throws LikewiseError `SIGN_IN` for others */
  readonly guard: MiddlewareHandler<WebEnv>;
  isSignedIn(c: Context): boolean;
  /** @throws LikewiseError `PASSWORD_WRONG`; `TOO_MANY` where it was tried too often */
  signIn(c: Context, password: string): void;
}

const names = { session: 'likewise', pass: 'likewise-pass' };
/** Wrong passwords a minute, of all visitors together. */
const mostWrong = 10;
/** What browsers keep at most: 400 days, in seconds. */
const maxAge = 34_560_000;

/** @throws LikewiseError `CONFIG_INVALID` where everybody on the network could use it */
export function openSessions(access: Access): Sessions {
  const { host, password, proxyHeader } = access;
  if (!isLoopback(host) && !password && !proxyHeader) {
    const reason =
      `${host} is reached from other machines, so it needs web.password, ` +
      'or web.proxyHeader, the header in which a reverse proxy names the users that it let in';
    throw new LikewiseError('CONFIG_INVALID', { setting: 'web.host', reason });
  }
  if (password && proxyHeader) {
    const reason =
      'web.proxyHeader is set as well, and then the proxy lets users in; leave one out';
    throw new LikewiseError('CONFIG_INVALID', { setting: 'web.password', reason });
  }
  let wrong: number[] = [];

  /** The id in the cookie, where there is one of ours: 32 random bytes. */
  const idOf = (c: Context): string | undefined => {
    const id = getCookie(c, names.session);
    return id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
  };
  const give = (c: Context, name: string, value: string) => {
    const secure = proxyHeader !== undefined && c.req.header('x-forwarded-proto') === 'https';
    setCookie(c, name, value, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge, secure });
  };
  /** Holds for one session, and no longer than the password. */
  const passOf = (id: string) =>
    createHmac('sha256', `likewise web ${password}`).update(id).digest('base64url');
  const isSignedIn = (c: Context): boolean => {
    if (proxyHeader) return Boolean(c.req.header(proxyHeader));
    if (!password) return true;
    const id = idOf(c);
    return id !== undefined && isSame(getCookie(c, names.pass) ?? '', passOf(id));
  };

  return {
    isSignedIn,
    async guard(c, next) {
      if (!isSignedIn(c)) {
        const where = proxyHeader ? 'at the server in front of this one' : 'with the password';
        throw new LikewiseError('SIGN_IN', { where });
      }
      const user = proxyHeader && c.req.header(proxyHeader);
      let id = user || idOf(c);
      if (id === undefined) {
        id = randomBytes(32).toString('base64url');
        give(c, names.session, id);
      }
      // The tenant's name is in journals and logs: it must not open the session.
      const digest = createHash('sha256')
        .update(`${user ? 'user' : 'session'} ${id}`)
        .digest('hex');
      c.set('visitor', { tenant: `web:${digest.slice(0, 32)}` });
      return next();
    },
    signIn(c, given) {
      const now = Date.now();
      wrong = wrong.filter((at) => now - at < 60_000);
      if (wrong.length >= mostWrong) {
        const retrySeconds = Math.ceil((60_000 - (now - (wrong[0] ?? now))) / 1000);
        throw new LikewiseError('TOO_MANY', { what: 'wrong passwords', retrySeconds });
      }
      if (!password || !isSame(given, password)) {
        wrong.push(now);
        throw new LikewiseError('PASSWORD_WRONG', {});
      }
      const id = randomBytes(32).toString('base64url');
      give(c, names.session, idOf(c) ?? id);
      give(c, names.pass, passOf(idOf(c) ?? id));
    },
  };
}

/** Compares in a time that tells nothing of where two texts differ. */
function isSame(a: string, b: string): boolean {
  const [one, two] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, two as Buffer);
}
