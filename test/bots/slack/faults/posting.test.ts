import { describe, expect, it } from 'vitest';
import {
  analogy,
  imagesIn,
  isResult,
  isRunning,
  long,
  made,
  press,
  shownIn,
  textIn,
  three,
  watcher,
} from '../members.ts';
import type { Message } from '../twin/shapes.ts';
import { opened, while_ } from './opened.ts';

describe('a result in spite of', () => {
  it('rate limits: nothing is asked before Slack says', async () => {
    const { slack, alice } = await opened();
    for (const method of ['chat.postMessage', 'files.getUploadURLExternal', 'files.info']) {
      slack.fail({ method, error: 'ratelimited', retryAfter: 1 });
    }
    const result = await made(slack, alice);
    expect(shownIn(slack, result)).toMatch(/\.grid$/);
    for (const method of ['chat.postMessage', 'files.getUploadURLExternal']) {
      const [limited, next] = slack.calls(method);
      expect(limited?.status).toBe(429);
      expect((next?.at ?? 0) - (limited?.at ?? 0)).toBeGreaterThan(950);
    }
  });

  it('a limit on posts: dialogs do not wait for it', async () => {
    const { slack, alice, bob } = await opened();
    slack.fail({ method: 'chat.postMessage', error: 'ratelimited', retryAfter: 30, times: 50 });
    await analogy(slack, alice);
    await slack.until(() => slack.calls('chat.postMessage').length > 0, 'A post', long);
    await slack.slash(bob, '/analogy').view(20_000);
  });

  it('faults of Slack and connections that break', async () => {
    const { slack, alice } = await opened();
    slack.fail({ method: 'files.completeUploadExternal', status: 503, error: 'oops' });
    slack.fail({ method: 'files.getUploadURLExternal', drop: true });
    slack.fail({ method: 'chat.postMessage', status: 500 });
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    await watched.result();
    await while_();
    expect(watched.fresh()).toHaveLength(1);
  });

  it('a lost answer to a change: one message', async () => {
    const { slack, alice, engine } = await opened();
    engine.held = true;
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    await watched.running();
    slack.fail({ method: 'chat.update', drop: true, afterwards: true });
    slack.fail({ method: 'chat.update', error: 'internal_error', afterwards: true });
    engine.held = false;
    await watched.result();
    await while_();
    expect(watched.fresh()).toHaveLength(1);
  });

  it.each(['drop', 'error'])(
    'a lost answer to a post (%s): one result, and the lost message goes by a press',
    async (kind) => {
      const { slack, alice, engine } = await opened();
      engine.held = true;
      const how = kind === 'drop' ? { drop: true } : { error: 'internal_error' };
      slack.fail({ method: 'chat.postMessage', afterwards: true, ...how });
      const watched = watcher(slack, alice);
      await analogy(slack, alice);
      const orphan = await watched.running();
      await while_(600);
      // No second one that tells how far it is.
      expect(watched.fresh()).toHaveLength(1);
      engine.held = false;
      await watched.result();
      await while_();
      expect(watched.fresh().filter(isResult)).toHaveLength(1);
      await press(slack, alice, orphan, 'cancel').reply(0, long);
      await slack.until(() => !slack.message(orphan.channel, orphan.ts), 'The end of it', long);
    },
  );
});

describe('files', () => {
  it('are shown once Slack has looked at them', async () => {
    const { slack, alice } = await opened();
    slack.processing(3);
    const result = await made(slack, alice);
    expect(shownIn(slack, result)).toMatch(/\.grid$/);
    expect(slack.calls('files.info').length).toBeGreaterThan(3);
    expect(slack.calls('chat.postMessage').every(({ ok }) => ok)).toBe(true);
  });

  it('are shared in the thread where Slack does not show them in time', async () => {
    const { slack, alice } = await opened();
    slack.fail({ method: /^chat\.(postMessage|update)$/, error: 'invalid_blocks', times: 3 });
    const showsPicture = ({ blocks = [] }: { blocks?: unknown }) =>
      JSON.stringify(blocks).includes('slack_file');
    slack.fail({
      method: /^chat\.(postMessage|update)$/,
      error: 'invalid_blocks',
      times: 50,
      when: showsPicture,
    });
    const result = await made(slack, alice);
    expect(imagesIn(result)).toEqual([]);
    const shared = await slack.until(() => slack.thread(result)[0], 'The picture', long);
    expect(shared.text).toBe('Slack could not show this picture in the message:');
    const [file] = shared.files ?? [];
    expect(new TextDecoder().decode(slack.file(String(file?.id))?.bytes)).toMatch(/\.grid$/);
    // And nothing that nobody sees is left in Slack.
    const uploads = slack.calls('upload').map(({ body }) => String(body.file));
    await slack.until(
      () => uploads.filter((id) => slack.file(id)).length === 1,
      'The others to go',
      long,
    );
  });

  it('previews are deleted, also those of before a restart', async () => {
    const { slack, alice, engine, stage } = await opened();
    engine.pause();
    const watched = watcher(slack, alice);
    await analogy(slack, alice);
    await watched.next((message) => imagesIn(message).length > 0, 'A preview');
    await stage.restart();
    engine.proceed();
    const result = await watched.result();
    const uploads = slack.calls('upload').map(({ body }) => String(body.file));
    expect(uploads.length).toBeGreaterThan(1);
    await slack.until(() => uploads.filter((id) => slack.file(id)).length === 1, 'The end', long);
    expect(shownIn(slack, result)).toMatch(/\.grid$/);
  });
});

it('edits come at most at their pace', async () => {
  const pace = 0.5;
  const { slack, alice, engine } = await opened({ pace });
  engine.held = true;
  const watched = watcher(slack, alice);
  await analogy(slack, alice);
  const running = await watched.running();
  engine.pause();
  engine.held = false;
  const tellings = () =>
    slack.requests.filter(({ method }) => /^chat\.(update|postMessage)$/.test(method));
  await slack.until(() => tellings().length > 1, 'An edit', long);
  await while_(3 * pace * 1000);
  const told = tellings().map(({ at }) => at);
  const waits = told.slice(1).map((at, i) => at - (told[i] ?? 0));
  expect(waits.length).toBeGreaterThan(0);
  // The clock of the bot is not that of this test's.
  for (const wait of waits) expect(wait).toBeGreaterThan(pace * 1000 - 100);
  engine.proceed();
  await slack.until(
    () => isResult(slack.message(running.channel, running.ts) as Message),
    'The result',
    long,
  );
});

it('a message that somebody deletes under a running job is not posted again', async () => {
  const { slack, alice, engine } = await opened();
  engine.held = true;
  const watched = watcher(slack, alice);
  await analogy(slack, alice);
  const running = await watched.running();
  await slack.deleteMessage(running);
  engine.held = false;
  await slack.until(
    () => slack.calls('chat.update').some(({ error }) => error === 'message_not_found'),
    'A change that is refused',
    long,
  );
  await while_();
  expect(watched.fresh().filter((message) => isResult(message) || isRunning(message))).toEqual([]);
});

it('what was being read when the bot stopped is said to be lost', async () => {
  const { slack, alice, engine, stage } = await opened();
  engine.putPicture = (_, __, ___) => new Promise(() => {});
  const watched = watcher(slack, alice);
  await analogy(slack, alice, { files: three });
  const reading = await watched.next((message) => textIn(message).includes('▱'), 'The reading');
  await stage.restart();
  await slack.until(
    () => /started anew/.test(textIn(slack.message(reading.channel, reading.ts))),
    'The word',
    long,
  );
});
