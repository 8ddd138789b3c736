import type { ErrorEntry } from '../errors.ts';

/** Of the local page's server: what it refuses before a command is asked. A part of errors.ts. */
export const webErrors = {
  HOST_UNKNOWN: {
    exit: 2,
    what: 'This server is not known as {host}.',
    todo: 'Use its IP address or localhost, or have its operator add the name to web.hosts.',
  },
  FORBIDDEN: {
    exit: 2,
    what: 'Only the page of this server may ask this.',
    todo: 'Open the page itself and do it there.',
  },
  SIGN_IN: {
    exit: 2,
    what: 'You are not signed in.',
    todo: 'Sign in {where}, then load the page again.',
  },
  PASSWORD_WRONG: {
    exit: 2,
    what: 'This is not the password.',
    todo: 'Try it again, or ask whoever runs this.',
  },
  TOO_MANY: {
    exit: 2,
    what: 'Too much came at once: {what}.',
    todo: 'Try again in {retrySeconds} s.',
  },
  TOO_LARGE: {
    exit: 2,
    what: 'What was sent is too heavy: at most {limit} MB are read at once.',
    todo: 'Save the pictures smaller, or send fewer of them.',
  },
  BAD_REQUEST: {
    exit: 2,
    what: 'The request is not as it should be: {reason}.',
    todo: 'Load the page again: it may be older than its server.',
  },
  NOT_FOUND: {
    exit: 2,
    what: 'There is nothing at this address.',
    todo: 'Begin at the front page.',
  },
} as const satisfies Record<string, ErrorEntry>;
