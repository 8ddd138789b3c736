import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeError } from '../../src/cli/command.ts';
import { discordRegister } from '../../src/cli/discord-register.ts';
import { isLikewiseError } from '../../src/errors.ts';
import { type CommandEndpoints, openCommandEndpoints } from '../bots/discord/command-endpoints.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-discord-register-'));
afterAll(() => rmSync(dir, { recursive: true }));

const guild = '3333333333333333333';

let discord: CommandEndpoints;
beforeEach(async () => {
  discord = await openCommandEndpoints();
});
afterEach(async () => {
  expect(discord.violations).toEqual([]);
  await discord.close();
});

const settings = (): Record<string, string> => ({
  LIKEWISE_DISCORD_API: discord.api,
  LIKEWISE_DISCORD_TOKEN: discord.token,
});

async function run(args: readonly string[], env = settings()) {
  const out = new PassThrough();
  const terminal = {
    env,
    stdout: out as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  const error = await discordRegister(args, terminal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const status = error === undefined ? 0 : isLikewiseError(error) ? error.exitStatus : 1;
  const err = error === undefined ? '' : describeError(error, {});
  return { status, out: String(out.read() ?? ''), err };
}

describe('npm run discord:register', () => {
  test('says what is new, writes it, and prints the links', async () => {
    const { status, out, err } = await run([]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('Likewise, in all servers:\n  + /analogy\n  + /apply\n');
    expect(out).toContain('  + "Apply this analogy"\n');
    expect(out).toMatch(/Done: 13 new, 0 changed, 0 removed\./);
    expect(out).toMatch(
      /authorize\?client_id=1{19}&scope=bot\+applications\.commands&permissions=\d+/,
    );
    expect(out).toMatch(
      /authorize\?client_id=1{19}&scope=applications\.commands&integration_type=1/,
    );
    expect(discord.commands()).toHaveLength(13);
    const again = await run([]);
    expect(again.out).toContain('    /analogy\n');
    expect(again.out).toContain('Nothing differs.');
  });

  test('--dry-run writes nothing', async () => {
    const { out } = await run(['--dry-run']);
    expect(out).toContain('  + /analogy\n');
    expect(out).toContain('Would be: 13 new, 0 changed, 0 removed. Nothing was written.');
    expect(discord.commands()).toEqual([]);
    expect(discord.requests.every((request) => request.startsWith('GET '))).toBe(true);
  });

  test('--guild is about one server; --remove removes', async () => {
    const first = await run(['--guild', guild]);
    expect(first.out).toContain(`in the server ${guild}:`);
    expect(first.out).toContain(`guild_id=${guild}`);
    expect(discord.commands(guild)).toHaveLength(13);
    const dry = await run(['--guild', guild, '--remove', '--dry-run']);
    expect(dry.out).toContain('Would be: 0 new, 0 changed, 13 removed.');
    const removed = await run(['--guild', guild, '--remove']);
    expect(removed.out).toContain('  - /analogy\n');
    expect(removed.out).not.toContain('authorize');
    expect(discord.commands(guild)).toEqual([]);
    expect((await run(['--remove'])).out).toContain('Nothing differs.');
  });

  test('says where members cannot add it for themselves', async () => {
    discord.about.integration_types_config = { 0: {} };
    expect((await run(['--dry-run'])).out).toMatch(/"User Install" is off/);
  });

  test('takes the token from a file', async () => {
    const file = join(dir, 'token');
    writeFileSync(file, `${discord.token}\n`);
    const { LIKEWISE_DISCORD_TOKEN: _, ...env } = settings();
    const { status } = await run(['--dry-run'], { ...env, LIKEWISE_DISCORD_TOKEN_FILE: file });
    expect(status).toBe(0);
  });

  test.each([
    [['--guild', 'mine'], /--guild takes the id of a server, 17 to 20 digits, not "mine"/],
    [['--guild'], /--guild/],
    [['--dryrun'], /--dryrun/],
    [['now'], /now/],
  ])('%o is refused', async (args, message) => {
    const { status, err } = await run(args);
    expect(status).toBe(2);
    expect(err).toMatch(message);
    expect(discord.requests).toEqual([]);
  });

  test('without a token, or with a wrong one, says what to do, and does not tell it', async () => {
    const none = await run([], { LIKEWISE_DISCORD_API: discord.api });
    expect(none).toMatchObject({ status: 2, err: expect.stringMatching(/LIKEWISE_DISCORD_TOKEN/) });
    const wrong = await run([], { ...settings(), LIKEWISE_DISCORD_TOKEN: 'not-the-one' });
    expect(wrong.err).toMatch(/does not know the token/);
    expect(wrong.err).not.toContain('not-the-one');
  });

  test('of a server that the bot is not in, says how to add it there', async () => {
    discord.failures.push(
      { status: 200, body: discord.about },
      { status: 403, body: { code: 50001, message: 'Missing Access' } },
    );
    const { status, err } = await run(['--guild', guild]);
    expect(status).toBe(2);
    expect(err).toMatch(new RegExp(`server ${guild}.*https://discord\\.com/.*guild_id=${guild}`));
  });
});

describe('as a process', () => {
  async function start(args: readonly string[], env: Record<string, string>) {
    const command = ['--require', './src/cli/node-version.cjs', 'src/cli/discord-register.ts'];
    const child = spawn(process.execPath, [...command, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((done) => child.on('close', done));
    const [out, err] = [text(child.stdout), text(child.stderr)];
    return { status: await ended, out: await out, err: await err };
  }

  test('registers, and ends', async () => {
    const { status, out, err } = await start([], settings());
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('Done: 13 new');
  });

  test('helps, and refuses with a status', async () => {
    expect(await start(['--help'], {})).toMatchObject({
      status: 0,
      out: expect.stringContaining('--dry-run'),
    });
    const { status, err } = await start([], {});
    expect(status).toBe(2);
    expect(err).toMatch(/^There is no token of a Discord bot\. .*\n$/);
  });
});
