import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { definitionsOf } from '../../../src/bots/discord/definitions/index.ts';
import { serverInvite, userInvite } from '../../../src/bots/discord/invite.ts';
import {
  applicationOf,
  openRest,
  type RegisterOptions,
  registerCommands,
} from '../../../src/bots/discord/register.ts';
import { type CommandEndpoints, openCommandEndpoints } from './command-endpoints.ts';
import { describeCommands } from './described.ts';

type Definitions = RegisterOptions['definitions'];

const definitions = definitionsOf({ describe: describeCommands });
const labels = definitions.map(({ type, name }) => (type === 3 ? `"${name}"` : `/${name}`));
const guild = '3333333333333333333';

let discord: CommandEndpoints;
beforeEach(async () => {
  discord = await openCommandEndpoints();
});
afterEach(async () => {
  expect(discord.violations).toEqual([]);
  await discord.close();
});

const register = (list: Definitions = definitions, more: Partial<RegisterOptions> = {}) =>
  registerCommands({
    rest: openRest(discord),
    applicationId: discord.application,
    definitions: list,
    dryRun: false,
    ...more,
  });

/** Methods of what was asked since the last time. */
const asked = () => discord.requests.splice(0).map((request) => request.split(' ')[0]);

/** A copy in which one command is another. */
function altered(name: string, change: (command: Record<string, unknown>) => void): Definitions {
  const copy = structuredClone(definitions) as unknown as Record<string, unknown>[];
  const found = copy.find((each) => each.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  change(found);
  return copy as unknown as Definitions;
}

describe('registerCommands', () => {
  test('writes all at once where nothing is there, and nothing the second time', async () => {
    const nothing = { changed: [], removed: [] };
    expect(await register()).toEqual({ created: labels, ...nothing, unchanged: [] });
    expect(asked()).toEqual(['GET', 'PUT']);
    expect(discord.commands()).toHaveLength(definitions.length);
    expect(await register()).toEqual({ created: [], ...nothing, unchanged: labels });
    expect(asked()).toEqual(['GET']);
  });

  test('writes one changed description, and keeps the id of the command', async () => {
    await register();
    const id = discord.commands().find(({ name }) => name === 'queue')?.id;
    asked();
    const list = altered('queue', (command) => {
      command.description = 'Something else';
    });
    expect(await register(list)).toMatchObject({ created: [], changed: ['/queue'], removed: [] });
    expect(asked()).toEqual(['GET', 'PATCH']);
    const now = discord.commands().find(({ name }) => name === 'queue');
    expect(now).toMatchObject({ id, description: 'Something else' });
    expect(await register(list)).toMatchObject({ changed: [], unchanged: labels });
  });

  test('takes back what a command no longer has', async () => {
    await register();
    const list = altered('settings', (command) => {
      delete command.default_member_permissions;
      delete command.description_localizations;
      delete command.options;
    });
    expect(await register(list)).toMatchObject({ changed: ['/settings'] });
    expect(discord.commands().find(({ name }) => name === 'settings')).toMatchObject({
      default_member_permissions: null,
      description_localizations: null,
      options: [],
    });
    expect(await register(list)).toMatchObject({ changed: [] });
  });

  test.each<[what: string, change: (options: Record<string, unknown>[]) => void]>([
    ['their order', (options) => options.reverse()],
    [
      'a limit',
      (options) => Object.assign(options.find((each) => each.max_length) ?? {}, { max_length: 7 }),
    ],
    ['a file type', (options) => Object.assign(options[0] ?? {}, { file_types: ['.png'] })],
    [
      'a translation',
      (options) => Object.assign(options[0] ?? {}, { description_localizations: { de: 'x' } }),
    ],
    ['what is required', (options) => Object.assign(options[0] ?? {}, { required: false })],
    ['a name', (options) => Object.assign(options.at(-1) ?? {}, { name: 'other' })],
  ])('sees a change of options: %s', async (_, change) => {
    await register();
    const list = altered('analogy', (command) => {
      change(command.options as Record<string, unknown>[]);
      (command.options as { required?: boolean }[]).sort((a, b) => +!!b.required - +!!a.required);
    });
    expect(await register(list)).toMatchObject({ created: [], changed: ['/analogy'], removed: [] });
    expect(await register(list)).toMatchObject({ changed: [] });
  });

  test('does not take for a change what Discord puts in another order', async () => {
    await register();
    const list = altered('analogy', (command) => {
      command.contexts = [...(command.contexts as number[])].reverse();
      const texts = Object.entries(command.description_localizations as object).reverse();
      command.description_localizations = Object.fromEntries(texts);
    });
    expect(await register(list)).toMatchObject({ changed: [] });
  });

  test('removes one that is no more, creates one that is new, each by itself', async () => {
    await register();
    asked();
    const list = altered('help', (command) => {
      command.name = 'hilfe';
    });
    const done = await register(list);
    expect(done).toMatchObject({ created: ['/hilfe'], changed: [], removed: ['/help'] });
    expect(asked()).toEqual(['GET', 'DELETE', 'POST']);
    expect(discord.commands().map(({ name }) => name)).not.toContain('help');
    expect(await register(list)).toMatchObject({ created: [], changed: [], removed: [] });
  });

  test('a dry run says the same and writes nothing', async () => {
    expect(await register(definitions, { dryRun: true })).toMatchObject({ created: labels });
    expect(asked()).toEqual(['GET']);
    expect(discord.commands()).toEqual([]);
  });

  test('of a server: at once, without what holds everywhere only', async () => {
    expect(await register(definitions, { guild })).toMatchObject({ created: labels });
    expect(discord.commands(guild)).toHaveLength(definitions.length);
    expect(discord.commands()).toEqual([]);
    expect(await register(definitions, { guild })).toMatchObject({ unchanged: labels });
    const list = altered('queue', (command) => {
      command.description = 'Something else';
    });
    expect(await register(list, { guild })).toMatchObject({ changed: ['/queue'] });
  });

  test('removes all of them, but never what opens an activity', async () => {
    await register();
    discord.commands().push({ id: '5', type: 4, name: 'launch', description: '' });
    asked();
    expect(await register([])).toMatchObject({ removed: labels });
    expect(discord.commands().map(({ name }) => name)).toEqual(['launch']);
    // A list without it would be refused, so each is written by itself.
    asked();
    await register();
    expect(asked()).not.toContain('PUT');
    expect(discord.commands().map(({ name }) => name)).toContain('launch');
  });

  test('goes on where it stopped', async () => {
    await register(definitions.slice(3));
    discord.failures.push({ status: 400, method: 'POST', body: { code: 50035, message: 'No' } });
    await expect(register()).rejects.toThrow(expect.objectContaining({ code: 'DISCORD_REFUSED' }));
    expect(await register()).toMatchObject({ created: labels.slice(0, 3) });
    expect(await register()).toMatchObject({ created: [], unchanged: labels });
  });
});

test('what Discord would refuse is noticed here', async () => {
  const list = altered('help', (command) => {
    command.description = 'x'.repeat(101);
    command.colour = 'red';
  });
  await register(list);
  expect(discord.violations.splice(0)).toEqual([expect.stringMatching(/^PUT: .*description/s)]);
  await register(
    altered('help', (command) => {
      command.colour = 'red';
    }),
  );
  // The description is a change; the colour is not described.
  expect(discord.violations.splice(0)).toEqual([expect.stringMatching(/not described/)]);
});

describe('what goes wrong', () => {
  const unauthorized = { message: '401: Unauthorized', code: 0 };
  const missing = { message: 'Missing Access', code: 50001 };
  const daily = {
    message: 'Max number of daily application command creates has been reached (200)',
    code: 30034,
  };
  test.each([
    ['DISCORD_TOKEN_WRONG', { status: 401, body: unauthorized }, /LIKEWISE_DISCORD_TOKEN/],
    ['DISCORD_FORBIDDEN', { status: 403, body: missing }, /server 3{19}.*guild_id=3{19}/],
    ['DISCORD_FORBIDDEN', { status: 404, body: { code: 10004, message: 'Unknown Guild' } }, /id/],
    ['DISCORD_DAILY_LIMIT', { status: 400, method: 'PUT', body: daily }, /tomorrow/],
    [
      'DISCORD_DAILY_LIMIT',
      { status: 429, method: 'PUT', body: daily, headers: { 'retry-after': '40000' } },
      /server 3{19} today/,
    ],
    ['DISCORD_REFUSED', { status: 429, headers: { 'retry-after': '4000' } }, /again in 400[01] s/],
    ['DISCORD_REFUSED', { status: 400, body: { code: 50035, message: 'No\nway' } }, /No way \(400/],
  ])('%s: %o', async (code, failure, message) => {
    discord.failures.push(failure);
    const refused = register(definitions, { guild });
    await expect(refused).rejects.toThrow(expect.objectContaining({ code }));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(discord.token);
  });

  test('DISCORD_UNREACHABLE: nothing listens, faults that last, something else answers', async () => {
    const gone = await openCommandEndpoints();
    await gone.close();
    const unreachable = expect.objectContaining({ code: 'DISCORD_UNREACHABLE' });
    await expect(register(definitions, { rest: openRest(gone) })).rejects.toThrow(unreachable);
    discord.failures.push(...Array.from({ length: 4 }, () => ({ status: 503 })));
    await expect(register()).rejects.toThrow(/it answers 503/);
    discord.failures.push({ status: 200, body: { hello: 'proxy' } });
    await expect(register()).rejects.toThrow(unreachable);
    discord.failures.push({ status: 200, body: [] });
    await expect(applicationOf(openRest(discord))).rejects.toThrow(/is not Discord/);
    expect(discord.commands()).toEqual([]);
  });

  test('a fault that passes is tried again', async () => {
    discord.failures.push({ status: 502 }, { status: 429, headers: { 'retry-after': '0.01' } });
    expect(await register()).toMatchObject({ created: labels });
  });

  test('an interrupt ends it with its own reason', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(register(definitions, { signal })).rejects.toThrow('enough');
    expect(discord.commands()).toEqual([]);
  });
});

test('the application is found by its token', async () => {
  const found = { id: discord.application, name: 'Likewise', userInstall: true };
  expect(await applicationOf(openRest(discord))).toEqual(found);
  discord.about.integration_types_config = { 0: {} };
  expect(await applicationOf(openRest(discord))).toMatchObject({ userInstall: false });
  const stranger = openRest({ ...discord, token: 'wrong' });
  await expect(applicationOf(stranger)).rejects.toThrow(/does not know the token/);
});

test('the invitations ask for what is needed, and no more', () => {
  const server = new URL(serverInvite('42', '43'));
  expect(Object.fromEntries(server.searchParams)).toEqual({
    client_id: '42',
    scope: 'bot applications.commands',
    permissions: String((1n << 10n) | (1n << 11n) | (1n << 15n) | (1n << 16n) | (1n << 38n)),
    integration_type: '0',
    guild_id: '43',
  });
  expect(Object.fromEntries(new URL(userInvite('42')).searchParams)).toEqual({
    client_id: '42',
    scope: 'applications.commands',
    integration_type: '1',
  });
});
