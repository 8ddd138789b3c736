import type { ErrorEntry } from '../errors.ts';

/** Of commands and their buttons: what members of a chat can do about it. */
export const commandErrors = {
  INPUT_INVALID: {
    exit: 2,
    what: '{field} cannot be used: {reason}.',
    todo: 'Correct it and try again.',
  },
  COMMAND_UNKNOWN: {
    exit: 2,
    what: 'There is no command or button called {name}.',
    todo: 'Use help to see what there is.',
  },
  COMMANDS_OFF: {
    exit: 2,
    what: 'Likewise is switched off here.',
    todo: 'Ask an admin to switch it on in the settings.',
  },
  AGE_RESTRICTED: {
    exit: 2,
    what: 'This may be used here only where adults alone are let in.',
    todo: 'Use it in an age-restricted channel.',
  },
  ROLE_MISSING: {
    exit: 2,
    what: 'Only certain roles may use this here.',
    todo: 'Ask an admin for one of those roles.',
  },
  ADMINS_ONLY: {
    exit: 2,
    what: 'Only admins may change the settings.',
    todo: 'Ask one of them.',
  },
  JOB_NOT_YOURS: {
    exit: 2,
    what: 'This was begun by somebody else.',
    todo: 'Ask them or a moderator.',
  },
  JOB_NOT_DONE: {
    exit: 2,
    what: 'There is no result yet: the job is {state}.',
    todo: 'Wait until it is done, or start it again.',
  },
  JOBS_NONE: {
    exit: 2,
    what: 'You have no result here yet.',
    todo: 'Make an analogy first, or say which result is meant.',
  },
  RESULT_EXPIRED: {
    exit: 2,
    what: 'Results can be opened for {days} days here, and this one is older.',
    todo: 'Make it again.',
  },
  QUOTA_USED: {
    exit: 2,
    what: 'You have used up what you may make today: {count} of {limit}.',
    todo: 'Try again in {retrySeconds} s, when the next day begins.',
  },
  FETCH_FORBIDDEN: {
    exit: 2,
    what: '{picture} may not be read: the app lacks the permission {permission}.',
    todo: 'Ask an admin to install it again.',
  },
  FETCH_FAILED: {
    exit: 2,
    what: '{picture} could not be fetched from where it was posted.',
    todo: 'Send it again.',
  },
} as const satisfies Record<string, ErrorEntry>;
