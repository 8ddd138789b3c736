import { parseArgs } from 'node:util';
import { loadConfig } from '../../config/index.ts';
import { definitionsOf } from '../bots/discord/definitions/index.ts';
import { serverInvite, userInvite } from '../bots/discord/invite.ts';
import {
  type Application,
  applicationOf,
  openRest,
  type Registered,
  registerCommands,
} from '../bots/discord/register.ts';
import { type CommandDescription, createCommands, openSettings } from '../commands/index.ts';
import { connectEngine } from '../engine/client.ts';
import { LikewiseError } from '../errors.ts';
import { type Command, runCommand } from './command.ts';

const usage = `Has Discord know the commands of the bot: once, and after each update.

  npm run discord:register -- [--guild ID] [--dry-run] [--remove]

Needs the bot's token: LIKEWISE_DISCORD_TOKEN, or LIKEWISE_DISCORD_TOKEN_FILE. What Discord has is read
first, and only what differs is written. Then the links are printed by which the bot is added.

  --guild ID    for one server alone, at once, e.g. to try them; else everywhere
  --dry-run     says what would be written, and writes nothing
  --remove      removes all of the bot's commands: of the server, or those that hold everywhere
  --help        this text
`;

/** `npm run discord:register`: tells Discord what commands there are. */
export const discordRegister: Command = async (args, { env, stdout, signal }) => {
  const { help, guild, dryRun, remove } = readArguments(args);
  if (help) {
    stdout.write(usage);
    return;
  }
  const { token, api } = loadConfig(env).discord;
  if (token === '') throw new LikewiseError('DISCORD_TOKEN_MISSING', {});
  const rest = openRest({ token, api });
  const application = await applicationOf(rest, signal);
  const definitions = remove ? [] : definitionsOf({ describe });
  const applicationId = application.id;
  const done = await registerCommands({ rest, applicationId, guild, definitions, dryRun, signal });
  const place = guild === undefined ? 'in all servers' : `in the server ${guild}`;
  stdout.write(`${application.name}, ${place}:\n${listed(done)}`);
  stdout.write(`${outcome(done, dryRun)}\n`);
  if (!remove) stdout.write(`\n${links(application, guild)}`);
};

function listed({ created, changed, removed, unchanged }: Registered): string {
  const lines = [
    ...created.map((label) => `  + ${label}`),
    ...changed.map((label) => `  ~ ${label}`),
    ...removed.map((label) => `  - ${label}`),
    ...unchanged.map((label) => `    ${label}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function outcome({ created, changed, removed }: Registered, dryRun: boolean): string {
  if (created.length + changed.length + removed.length === 0) return 'Nothing differs.';
  const counts = `${created.length} new, ${changed.length} changed, ${removed.length} removed`;
  return dryRun ? `Would be: ${counts}. Nothing was written.` : `Done: ${counts}.`;
}

function links({ id, userInstall }: Application, guild: string | undefined): string {
  const own = userInstall
    ? `To use it by yourself, wherever you are:\n  ${userInvite(id)}\n`
    : 'Members cannot add it for themselves: "User Install" is off in the developer portal.\n';
  return `To add it to a server:\n  ${serverInvite(id, guild)}\n${own}`;
}

/** What the commands are does not depend on an engine: none is asked, and nothing is kept. */
function describe(locale: string): readonly CommandDescription[] {
  const settings = openSettings(':memory:');
  try {
    return createCommands({
      engine: connectEngine({ url: 'http://127.0.0.1', token: '' }),
      settings,
      log: () => {},
      dials: { lambda: [], guidance: [] },
      pictureMegabytes: 0,
    }).describe(locale);
  } finally {
    settings.close();
  }
}

function readArguments(args: readonly string[]) {
  const { help, guild, 'dry-run': dryRun, remove } = parse(args);
  if (guild !== undefined && !/^\d{17,20}$/.test(guild)) {
    throw wrong(`--guild takes the id of a server, 17 to 20 digits, not "${guild}"`);
  }
  return { help, guild, dryRun, remove };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    guild: { type: 'string' },
    'dry-run': flag,
    remove: flag,
    help: { ...flag, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrong(problem, cause);
  }
}

function wrong(problem: string, cause?: unknown) {
  return new LikewiseError('USAGE', { problem }, { cause });
}

if (import.meta.main) await runCommand(discordRegister);
