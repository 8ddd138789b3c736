import type { ErrorEntry } from '../errors.ts';

/** Of the Discord bot, as its operator meets them: when commands are registered, and at its start. */
export const discordErrors = {
  DISCORD_TOKEN_MISSING: {
    exit: 2,
    what: 'There is no token of a Discord bot.',
    todo: 'Set LIKEWISE_DISCORD_TOKEN, or LIKEWISE_DISCORD_TOKEN_FILE to a file that holds it; the developer portal of Discord shows it under Bot.',
  },
  DISCORD_TOKEN_WRONG: {
    exit: 2,
    what: 'Discord does not know the token of the bot.',
    todo: 'Reset it in the developer portal of Discord, under Bot, and set LIKEWISE_DISCORD_TOKEN anew.',
  },
  DISCORD_FORBIDDEN: {
    exit: 2,
    what: 'Discord does not let the bot have commands in {place}.',
    todo: 'Check the id, and add the bot there, with the scope applications.commands: {link}.',
  },
  DISCORD_DAILY_LIMIT: {
    exit: 2,
    what: 'Discord takes no more new commands for {place} today: 200 may be created in a day.',
    todo: 'Run it again tomorrow: it goes on where it stopped.',
  },
  DISCORD_REFUSED: {
    exit: 2,
    what: 'Discord refused a request: {reason}.',
    todo: 'Check the settings under discord; if they are right, this version of Likewise may be too old.',
  },
  DISCORD_UNREACHABLE: {
    exit: 2,
    what: 'Discord cannot be reached at {url}: {reason}.',
    todo: 'Check the connection and LIKEWISE_DISCORD_API; discordstatus.com tells of faults of Discord.',
  },
} as const satisfies Record<string, ErrorEntry>;
