import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSlackBot } from '../../../../src/bots/slack/index.ts';
import { analogy, isResult, long, made, press, textIn, watcher } from '../members.ts';
import { openSlack } from '../twin/driver.ts';
import type { Workspace } from '../twin/shapes.ts';
import { opened, while_ } from './opened.ts';

describe('a token that no longer holds', () => {
  it('ends the telling, not the bot', async () => {
    const { slack, alice, admin, engine, stage } = await opened();
    engine.held = true;
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    await watched.running();
    await slack.revokeTokens(admin).acked(long);
    engine.held = false;
    await slack.until(
      () => slack.requests.some(({ error }) => error === 'token_revoked'),
      'A request that is refused',
      long,
    );
    await while_();
    expect(watched.fresh().filter(isResult)).toEqual([]);
    const help = slack.slash(alice, '/analogy', 'help');
    expect((await help.acked(long)).status).toBeLessThan(500);
    expect(stage.logged.length).toBeGreaterThan(0);
  });
});

describe('workspaces that install the app', () => {
  const install = async (stage: Awaited<ReturnType<typeof opened>>, workspace: Workspace) => {
    const { slack, stage: bot } = stage;
    const done = await slack.install(workspace.users.admin, `${bot.url()}/slack/install`);
    expect(done.status).toBe(200);
    return String(done.token);
  };

  it('are apart: what one saves, the other does not see', async () => {
    const stage = await opened({ shared: true });
    const { slack, alice, folder } = stage;
    const before = slack.slash(alice, '/analogy', 'help');
    await before.acked(long);
    const tokens = [await install(stage, slack.home), await install(stage, slack.away)];
    const first = await made(slack, alice);
    const naming = watcher(slack, alice);
    const view = await press(slack, alice, first, 'name').view(long);
    await slack.submit(alice, view, { name: 'glasses' }).acked(long);
    await naming.next();
    const far = slack.away.users.bob;
    const place = { channelId: slack.away.channels.general };
    const list = await slack.slash(far, '/analogy', 'library', place).reply(0, long);
    expect(textIn(list)).not.toContain('glasses');
    const ours = await slack.slash(alice, '/analogy', 'library').reply(0, long);
    expect(textIn(ours)).toContain('glasses');
    // A job of one is none in the other.
    const [, job] = String(
      first.blocks && JSON.stringify(first.blocks).match(/name~([\w-]+)/),
    ).split(',');
    const show = await slack.slash(far, '/analogy', `show ${job}`, place).reply(0, long);
    expect(textIn(show)).toContain('JOB_UNKNOWN');
    const theirs = await made(slack, far, { place });
    expect(theirs.channel).toBe(slack.away.channels.general);
    // Their tokens are in a file that nobody else reads, also after a restart.
    const file = join(folder, 'slack-installations.sqlite');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await stage.stage.restart();
    await made(slack, far, { place });
    for (const token of tokens) expect(readAll(folder)).toContain(token);
  });

  it.each(['uninstall', 'revokeTokens'] as const)(
    'are forgotten when the app leaves (%s) in the middle',
    async (how) => {
      const stage = await opened({ shared: true });
      const { slack, alice, admin, engine, folder } = stage;
      const token = await install(stage, slack.home);
      await install(stage, slack.away);
      engine.held = true;
      const watched = watcher(slack, alice);
      await analogy(slack, alice);
      const running = await watched.running();
      expect(readAll(folder)).toContain(token);
      await slack[how](admin).acked(long);
      await slack.until(() => !readAll(folder).includes(token), 'The token to go', long);
      engine.held = false;
      await while_(600);
      expect(watched.fresh().filter(isResult)).toEqual([]);
      expect(slack.message(running.channel, running.ts)).toEqual(running);
      await stage.stage.restart();
      // The other workspace is there as before.
      const place = { channelId: slack.away.channels.general };
      await made(slack, slack.away.users.bob, { place });
    },
  );

  it.each(['app_uninstalled', 'tokens_revoked'])(
    'are not forgotten for what is said late: %s after a new installation',
    async (type) => {
      const stage = await opened({ shared: true });
      const { slack, alice, admin, folder } = stage;
      await install(stage, slack.home);
      const token = await install(stage, slack.home);
      // It is about the installation before, of which nothing is kept any more.
      const looks = () => slack.calls('auth.test').length;
      const before = looks();
      const late = slack.event(admin, { type, tokens: { oauth: [], bot: ['U1'] } });
      await late.acked(long);
      await slack.again(late, { num: 1 }).acked(long);
      await slack.until(() => looks() > before, 'The look', long);
      await while_();
      expect(readAll(folder)).toContain(token);
      await made(slack, alice);
      // Slack says it twice, and it is looked at once.
      expect(looks()).toBe(before + 1);
    },
  );

  const readAll = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith('slack-installations'))
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join();
});

describe('a start', () => {
  const start = async (more: Partial<Parameters<typeof createSlackBot>[0]>) => {
    const slack = await openSlack();
    const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
    onTestFinished(async () => {
      await slack.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const bot = createSlackBot({
      commands: {} as never,
      log: () => {},
      folder,
      botToken: slack.botToken,
      appToken: '',
      signingSecret: slack.signingSecret,
      clientId: '',
      clientSecret: '',
      stateSecret: '',
      host: '127.0.0.1',
      port: 0,
      api: slack.slackApiUrl,
      fileHosts: [],
      megabytes: 1,
      ...more,
    });
    onTestFinished(bot.stop);
    await bot.start();
    return bot;
  };

  it('is followed by a stop that waits for nobody’s connection', async () => {
    const bot = await start({});
    const half = connect(bot.port() ?? 0, '127.0.0.1');
    onTestFinished(() => void half.destroy());
    const ended = new Promise((resolve) => half.once('close', resolve));
    half.on('error', () => {});
    half.write('POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n');
    await while_(100);
    await Promise.all([bot.stop(), ended]);
  }, 30_000);

  it('says what is missing', async () => {
    const missing = (name: string) => ({
      code: 'SLACK_SETUP',
      message: expect.stringContaining(name),
    });
    await expect(start({ signingSecret: '' })).rejects.toMatchObject(missing('signingSecret'));
    await expect(start({ botToken: '' })).rejects.toMatchObject(missing('botToken'));
    const shared = { botToken: '', clientId: '1.2', clientSecret: 'x', stateSecret: 'y' };
    await expect(start({ ...shared, clientSecret: '' })).rejects.toMatchObject(
      missing('clientSecret'),
    );
    await expect(start({ ...shared, stateSecret: '' })).rejects.toMatchObject(
      missing('stateSecret'),
    );
    await expect(start({ ...shared, botToken: 'xoxb-1' })).rejects.toMatchObject(
      missing('botToken to be empty'),
    );
    await expect(start({ ...shared, appToken: 'xapp-1' })).rejects.toMatchObject(
      missing('appToken to be empty'),
    );
  });

  it('says what Slack refuses', async () => {
    const refused = { code: 'SLACK_REFUSED', message: expect.stringContaining('invalid_auth') };
    await expect(start({ botToken: 'xoxb-wrong' })).rejects.toMatchObject(refused);
    await expect(start({ appToken: 'xapp-wrong' })).rejects.toMatchObject(refused);
  });

  it('says where Slack is not', async () => {
    const api = 'http://127.0.0.1:9/api/';
    await expect(start({ api })).rejects.toMatchObject({
      code: 'SLACK_UNREACHABLE',
      message: expect.stringContaining(api),
    });
  });

  it('says that the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(String(port)),
    });
  });
});
