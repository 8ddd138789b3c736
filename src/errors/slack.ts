import type { ErrorEntry } from '../errors.ts';

/** Of the Slack bot, as its operator meets them at its start. */
export const slackErrors = {
  SLACK_SETUP: {
    exit: 2,
    what: 'The Slack bot is not set up wholly: it needs {missing}.',
    todo: 'Set it under slack, e.g. LIKEWISE_SLACK_BOT_TOKEN and LIKEWISE_SLACK_APP_TOKEN; the README says where each is found.',
  },
  SLACK_REFUSED: {
    exit: 2,
    what: 'Slack does not accept the bot: {reason}.',
    todo: 'Check the tokens under slack: copy them anew from the pages of the app at api.slack.com/apps, and install the app again.',
  },
  SLACK_UNREACHABLE: {
    exit: 2,
    what: 'Slack cannot be reached at {url}: {reason}.',
    todo: 'Check the connection and LIKEWISE_SLACK_API; slack-status.com tells of faults of Slack.',
  },
} as const satisfies Record<string, ErrorEntry>;
