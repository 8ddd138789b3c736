import {
  type APIApplicationCommand,
  ApplicationCommandType,
  DiscordAPIError,
  HTTPError,
  RateLimitError,
  REST,
  Routes,
} from 'discord.js';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import { type Definition, isSame, keyOf, labelOf } from './definitions/compare.ts';
import { serverInvite } from './invite.ts';

/** Longest wait for a rate limit, in ms: what is longer is no matter of a moment. */
const longestWait = 60_000;

export interface RestOptions {
  readonly token: string;
  /** Its address, without the version. */
  readonly api: string;
  /** Attempts after the first, where it failed by a fault of Discord's. @default 3 */
  readonly retries?: number;
}

/** Discord's REST API; a rate limit of more than a minute is an error. */
export function openRest({ token, api, retries = 3 }: RestOptions): REST {
  return new REST({
    api,
    version: '10',
    retries,
    rejectOnRateLimit: ({ retryAfter, timeToReset }) =>
      Math.max(retryAfter, timeToReset) > longestWait,
  }).setToken(token);
}

/** Whose token it is. */
export interface Application {
  readonly id: string;
  readonly name: string;
  /** Whether somebody may add it for themselves alone: a switch in the developer portal. */
  readonly userInstall: boolean;
}

/** @throws LikewiseError `DISCORD_TOKEN_WRONG`, `DISCORD_REFUSED`, `DISCORD_UNREACHABLE` */
export async function applicationOf(rest: REST, signal?: AbortSignal): Promise<Application> {
  const told = await explained({ rest, place: 'it', link: '', signal }, () =>
    rest.get(Routes.currentApplication(), { ...(signal && { signal }) }),
  );
  const {
    id,
    name,
    integration_types_config: installs,
  } = (told ?? {}) as Partial<{
    id: string;
    name: string;
    integration_types_config: object | null;
  }>;
  if (typeof id !== 'string') throw unreachable(rest, 'what answers is not Discord');
  return { id, name: String(name), userInstall: !installs || '1' in installs };
}

export interface RegisterOptions {
  readonly rest: REST;
  readonly applicationId: string;
  /** The server that gets them, at once; everywhere where none is named. */
  readonly guild?: string | undefined;
  /** All that is to be there; what is not among them is removed. */
  readonly definitions: readonly Definition[];
  /** Whether nothing is written. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What was written, or would be: commands as members know them, e.g. `/analogy`. */
export interface Registered {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Has Discord know the commands. What is there is read first, and only what differs is written: new
 * commands are limited to 200 a day. Where it fails in the middle, the next run goes on from there.
 *
 * @throws LikewiseError `DISCORD_TOKEN_WRONG`, `DISCORD_FORBIDDEN`, `DISCORD_DAILY_LIMIT`,
 * `DISCORD_REFUSED`, `DISCORD_UNREACHABLE`
 */
export async function registerCommands(options: RegisterOptions): Promise<Registered> {
  const { rest, applicationId, guild, dryRun, signal } = options;
  const place = guild === undefined ? 'all servers' : `the server ${guild}`;
  const link = serverInvite(applicationId, guild);
  const definitions = guild === undefined ? options.definitions : options.definitions.map(ofGuild);
  const [all, one] =
    guild === undefined
      ? [Routes.applicationCommands(applicationId), Routes.applicationCommand]
      : [
          Routes.applicationGuildCommands(applicationId, guild),
          (id: string, command: string) => Routes.applicationGuildCommand(id, guild, command),
        ];
  return explained({ rest, place, link, signal }, async () => {
    const common = signal ? { signal } : {};
    const query = new URLSearchParams({ with_localizations: 'true' });
    const found = await rest.get(all, { query, ...common });
    if (!Array.isArray(found)) throw unreachable(rest, 'what answers is not Discord');
    const commands = found as APIApplicationCommand[];
    const there = guild === undefined ? commands : commands.map(ofGuild);
    const difference = compare(definitions, there);
    const { created, changed, removed, unchanged } = difference;
    const labels = {
      created: created.map(labelOf),
      changed: changed.map(({ definition }) => labelOf(definition)),
      removed: removed.map(labelOf),
      unchanged: unchanged.map(labelOf),
    };
    if (dryRun) return labels;
    if (created.length > definitions.length / 2 && !there.some(isEntryPoint)) {
      await rest.put(all, { body: definitions, ...common });
      return labels;
    }
    // What costs nothing of the day's limit comes first.
    for (const { definition, id } of changed) {
      await rest.patch(one(applicationId, id), { body: whole(definition), ...common });
    }
    for (const { id } of removed) await rest.delete(one(applicationId, id), common);
    for (const definition of created) await rest.post(all, { body: definition, ...common });
    return labels;
  });
}

function compare(definitions: readonly Definition[], there: readonly APIApplicationCommand[]) {
  const known = new Map(there.map((command) => [keyOf(command), command]));
  const wanted = new Set(definitions.map(keyOf));
  const pairs = definitions.map((definition) => {
    const command = known.get(keyOf(definition));
    return { definition, command, same: command !== undefined && isSame(definition, command) };
  });
  return {
    created: pairs.filter(({ command }) => !command).map(({ definition }) => definition),
    changed: pairs.flatMap(({ definition, command, same }) =>
      command && !same ? [{ definition, id: command.id }] : [],
    ),
    unchanged: pairs.filter(({ same }) => same).map(({ definition }) => definition),
    removed: there.filter((command) => !wanted.has(keyOf(command)) && !isEntryPoint(command)),
  };
}

/** What opens an activity: Discord makes it by itself, and refuses a list without it. */
function isEntryPoint({ type }: APIApplicationCommand): boolean {
  return type === ApplicationCommandType.PrimaryEntryPoint;
}

/** Where a command is offered is not asked of a server's own. */
function ofGuild<Command extends Definition | APIApplicationCommand>(command: Command) {
  const { contexts: _, integration_types: __, ...rest } = command;
  return rest as Command;
}

/** With all that may have been there before, since what is left out of a change stays as it was. */
function whole(definition: Definition): object {
  const isMenu = definition.type === ApplicationCommandType.Message;
  return {
    name_localizations: null,
    default_member_permissions: null,
    ...(!isMenu && { description_localizations: null, options: [] }),
    ...definition,
  };
}

/** What is asked, and of whom: for the sentence about what went wrong. */
export interface Asking {
  readonly rest: REST;
  readonly place: string;
  /** Where the bot is added to the place. */
  readonly link: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws LikewiseError in place of Discord's errors, and those of the way to it */
export async function explained<T>(asking: Asking, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    asking.signal?.throwIfAborted();
    throw translate(asking, error);
  }
}

function translate({ rest, place, link }: Asking, cause: unknown): unknown {
  if (isLikewiseError(cause)) return cause;
  if (cause instanceof DiscordAPIError) {
    const { status, code, message } = cause;
    if (status === 401) return new LikewiseError('DISCORD_TOKEN_WRONG', {}, { cause });
    // 10004: there is no such server; to the bot it is the same.
    if (status === 403 || code === 10004) {
      return new LikewiseError('DISCORD_FORBIDDEN', { place, link }, { cause });
    }
    if (code === 30034) return new LikewiseError('DISCORD_DAILY_LIMIT', { place }, { cause });
    const reason = `${message.slice(0, 300)} (${status}, code ${code})`;
    return new LikewiseError('DISCORD_REFUSED', { reason }, { cause });
  }
  if (cause instanceof RateLimitError) {
    const { method, retryAfter, timeToReset } = cause;
    // Only the limit of new commands makes one wait for so long.
    if (/^(?:POST|PUT)$/i.test(method)) {
      return new LikewiseError('DISCORD_DAILY_LIMIT', { place }, { cause });
    }
    const seconds = Math.ceil(Math.max(retryAfter, timeToReset) / 1000);
    const reason = `too much was asked of it; it may be asked again in ${seconds} s`;
    return new LikewiseError('DISCORD_REFUSED', { reason }, { cause });
  }
  if (cause instanceof HTTPError) return unreachable(rest, `it answers ${cause.status}`, cause);
  if (!(cause instanceof Error)) return cause;
  if (cause.name === 'AbortError') return unreachable(rest, 'it does not answer', cause);
  return 'code' in cause ? unreachable(rest, cause.message || String(cause.code), cause) : cause;
}

function unreachable({ options }: REST, reason: string, cause?: unknown) {
  return new LikewiseError('DISCORD_UNREACHABLE', { url: options.api, reason }, { cause });
}
