import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bot } from '../../../src/bots/port.ts';
import { webBot } from '../../../src/bots/web/index.ts';
import { createCommands } from '../../../src/commands/index.ts';
import type { ListView, ResultView } from '../../../src/commands/port.ts';
import { openSettings } from '../../../src/commands/settings.ts';
import { fakeEngine } from '../../commands/fake-engine.ts';
import { sent } from '../../commands/scripted-platform.ts';
import { commandsContract, type Platform } from '../../contracts/commands.ts';
import { serveWeb } from './serve.ts';
import { visitorOf, webPlatform } from './web-platform.ts';

commandsContract('The web page', webPlatform, sent, {
  several: 'a visitor is alone in a tenant, and its admin',
});

const three = {
  before: sent('picture a'),
  after: sent('picture a2'),
  picture: sent('picture b'),
};

describe('two visitors of the page', () => {
  let engine: ReturnType<typeof fakeEngine>;
  let ada: Platform;
  let bob: Platform;
  let close: () => Promise<void>;
  beforeEach(async () => {
    engine = fakeEngine();
    const web = await serveWeb(engine);
    [ada, bob] = [await visitorOf(web.url), await visitorOf(web.url)];
    close = web.close;
  });
  afterEach(async () => {
    await close();
    await Promise.all([ada.close(), bob.close()]);
  });
  const make = async (who: Platform) => (await who.run('analogy', three)).at(-1) as ResultView;

  it('reach nothing of each other', async () => {
    const { job, buttons, picture = '' } = await make(ada);
    await ada.run('name', { job, name: 'glasses' });
    const code = (code: string) => ({ kind: 'problem', code });
    expect((await bob.press(buttons.flat()[0]?.id ?? '')).at(-1)).toMatchObject(
      code('JOB_UNKNOWN'),
    );
    expect((await bob.run('cancel', { job })).at(-1)).toMatchObject(code('JOB_UNKNOWN'));
    const rename = { analogy: 'glasses', name: 'x' };
    expect((await bob.run('rename', rename)).at(-1)).toMatchObject(code('ANALOGY_UNKNOWN'));
    expect(await bob.complete('glass')).toEqual([]);
    expect(((await bob.run('library')).at(-1) as ListView).items).toEqual([]);
    await expect(bob.file(picture)).rejects.toThrow('404');
    expect(await ada.complete('glass')).toEqual(['glasses']);
  });

  it('change the settings for themselves', async () => {
    const set = { spoilers: true, perday: 2 };
    expect((await ada.run('settings', set)).at(-1)).toMatchObject({ kind: 'text' });
    expect(await make(ada)).toMatchObject({ kind: 'result', spoiler: true });
    await make(ada);
    expect(await make(ada)).toMatchObject({ kind: 'problem', code: 'QUOTA_USED' });
    for (let i = 0; i < 3; i++) {
      expect(await make(bob)).toMatchObject({ kind: 'result', spoiler: false });
    }
  });
});

describe('the page as a bot', () => {
  it('opens when it is started, once, and again after it was stopped', async () => {
    const settings = openSettings(':memory:');
    const commands = createCommands({
      engine: fakeEngine(),
      settings,
      log: () => {},
      dials: { lambda: [1], guidance: [2] },
      pictureMegabytes: 1,
    });
    const options = { commands, host: '127.0.0.1', port: 0 };
    const bot = webBot(options);
    const asBot: Bot = bot;
    expect(asBot.name).toBe('web');
    await bot.stop();
    expect(bot.url()).toBe('');
    await Promise.all([bot.start(), bot.start()]);
    const first = bot.url();
    expect((await fetch(first)).status).toBe(200);

    const second = webBot({ ...options, port: Number(new URL(first).port) });
    await expect(second.start()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await Promise.all([bot.stop(), bot.stop()]);
    expect(bot.url()).toBe('');
    await expect(fetch(first)).rejects.toThrow();
    await second.start();
    expect((await fetch(second.url())).status).toBe(200);
    await second.stop();
    settings.close();
  });
});
