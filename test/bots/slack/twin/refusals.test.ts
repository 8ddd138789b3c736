import { describe, expect, test } from 'vitest';
import type { SlackFile } from './shapes.ts';
import { connect, image, modal, open, png } from './small-app.ts';

describe('what Slack refuses', () => {
  const call =
    (slack: Awaited<ReturnType<typeof open>>) =>
    async (method: string, body: object, token = slack.botToken) => {
      const response = await fetch(`${slack.slackApiUrl}${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        ...((await response.json()) as { ok: boolean; error?: string }),
      };
    };

  test('channels, tokens, scopes, and failures that were asked for', async () => {
    const slack = await open();
    const ask = call(slack);
    const say = (channel: string, token?: string) =>
      ask('chat.postMessage', { channel, text: 'x' }, token);
    const { channels, users } = slack;
    expect(await say(channels.general)).toMatchObject({ ok: true });
    expect(await say(users.alice.id)).toMatchObject({ ok: true });
    expect(slack.dms(users.alice)).toHaveLength(1);
    expect(await say(channels.uninvited)).toMatchObject({ error: 'not_in_channel' });
    expect(await say(channels.archived)).toMatchObject({ error: 'is_archived' });
    expect(await say(slack.away.channels.general)).toMatchObject({ error: 'channel_not_found' });
    await slack.setMember(channels.other, false);
    expect(await say(channels.other)).toMatchObject({ error: 'not_in_channel' });
    expect(await say(channels.general, 'xoxb-nobody')).toMatchObject({ error: 'invalid_auth' });
    slack.setScopes(slack.home, ['commands']);
    expect(await say(channels.general)).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
    });
    slack.setScopes(slack.home, ['chat:write']);
    slack.fail({ method: 'chat.postMessage', error: 'ratelimited', times: 1 });
    expect(await say(channels.general)).toMatchObject({ status: 429 });
    slack.fail({ method: 'chat.postMessage', error: 'fatal_error', afterwards: true });
    const before = slack.messages().length;
    expect(await say(channels.general)).toMatchObject({ error: 'fatal_error' });
    expect(slack.messages()).toHaveLength(before + 1);
    slack.fail({ method: 'chat.postMessage', drop: true });
    await expect(say(channels.general)).rejects.toThrow('fetch failed');
    slack.useHttp('http://127.0.0.1:1');
    await expect(slack.revokeTokens(users.admin).acked()).rejects.toThrow('fetch failed');
    expect(await say(channels.general)).toMatchObject({ error: 'token_revoked' });
  });

  test('triggers, response URLs, files', async () => {
    const slack = await open({ triggerLife: 3000 });
    const ask = call(slack);
    await connect(slack, 'http', (app) => {
      app.command('/analogy', async ({ ack }) => ack());
      app.view('analogy', async ({ ack }) =>
        ack({ response_action: 'errors', errors: { z: 'there is no z' } }),
      );
    });
    const { alice } = slack.users;
    const act = slack.slash(alice, '/analogy');
    const view = modal('');
    const opens = (trigger_id: string | undefined) => ask('views.open', { trigger_id, view });
    expect(await opens('1.2.3')).toMatchObject({ error: 'invalid_trigger_id' });
    expect(await opens(act.triggerId)).toMatchObject({ ok: true });
    expect(await opens(act.triggerId)).toMatchObject({ error: 'exchanged_trigger_id' });
    const late = slack.slash(alice, '/analogy');
    slack.advance(3001);
    expect(await opens(late.triggerId)).toMatchObject({ error: 'expired_trigger_id' });

    const files = { a: [png('one')], b: [png('two')], c: [png('three')] };
    await slack.submit(alice, await act.view(), {}, files).acked();
    expect(slack.openViews(alice)).toHaveLength(1);
    expect(slack.violations()).toContain('ack: errors.z is no input of the view');

    const respond = async () => {
      const response = await fetch(String(act.responseUrl), {
        method: 'POST',
        body: JSON.stringify({ text: 'x', response_type: 'in_channel' }),
      });
      return response.status;
    };
    for (let use = 0; use < 5; use += 1) expect(await respond()).toBe(200);
    expect(await respond()).toBe(404);
    expect(slack.messages()).toHaveLength(5);

    const own = slack.upload(alice, png('mine'));
    const read = async (token?: string) => {
      const response = await fetch(String(own.url_private), {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      return [response.status, response.headers.get('content-type')];
    };
    expect(await read(slack.botToken)).toEqual([200, 'image/png']);
    expect(await read()).toEqual([200, 'text/html; charset=utf-8']);
    expect(await read(slack.away.botToken)).toEqual([200, 'text/html; charset=utf-8']);
    const picture = (id: string) =>
      ask('chat.postMessage', { channel: slack.channels.general, text: 'x', blocks: [image(id)] });
    expect(await picture('F0')).toMatchObject({ error: 'invalid_blocks' });
    expect(await picture(own.id)).toMatchObject({ ok: true });
    expect(await ask('files.delete', { file: own.id })).toMatchObject({
      error: 'cant_delete_file',
    });
    const connected = await slack.post(alice, '', [{ ...png('far'), connect: true }]);
    const [far] = connected.files ?? [];
    expect(far).toMatchObject({ file_access: 'check_file_info' });
    expect(far?.url_private).toBeUndefined();
    expect(await ask('files.info', { file: far?.id })).toMatchObject({ file: { name: 'far.png' } });
  });

  test('what is shown before Slack has looked at it', async () => {
    const slack = await open();
    const ask = call(slack);
    slack.processing(1);
    const given = await ask('files.getUploadURLExternal', { filename: 'grid.png', length: 4 });
    const { upload_url: url, file_id: id } = given as unknown as {
      upload_url: string;
      file_id: string;
    };
    expect(url.startsWith(slack.origin)).toBe(true);
    expect((await fetch(url, { method: 'POST', body: 'grid' })).status).toBe(200);
    expect(await ask('files.completeUploadExternal', { files: [{ id }] })).toMatchObject({
      ok: true,
    });
    const { channel, ts } = (await ask('chat.postMessage', {
      channel: slack.channels.general,
      text: 'x',
    })) as unknown as { channel: string; ts: string };
    const update = () => ask('chat.update', { channel, ts, text: 'x', blocks: [image(id)] });
    expect(await update()).toMatchObject({ error: 'invalid_blocks' });
    const first = (await ask('files.info', { file: id })) as unknown as { file: SlackFile };
    expect(first.file.mimetype).toBeUndefined();
    expect(await update()).toMatchObject({ ok: true });
    expect(await ask('files.info', { file: id })).toMatchObject({
      file: { mimetype: 'image/png' },
    });
    expect(await ask('files.delete', { file: id })).toMatchObject({ ok: true });
    expect(slack.file(id)).toBeUndefined();
    // A file that is posted into a thread.
    const again = await ask('files.getUploadURLExternal', { filename: 'b.png', length: 1 });
    const next = again as unknown as { upload_url: string; file_id: string };
    await fetch(next.upload_url, { method: 'POST', body: 'b' });
    await ask('files.completeUploadExternal', {
      files: [{ id: next.file_id }],
      channel_id: channel,
      thread_ts: ts,
    });
    const message = slack.message(channel, ts);
    expect(message && slack.thread(message)).toMatchObject([{ files: [{ id: next.file_id }] }]);
  });

  test('who asks too often', async () => {
    const slack = await open({ limited: true });
    const ask = call(slack);
    const say = (channel: string) => ask('chat.postMessage', { channel, text: 'x' });
    const { general, other } = slack.channels;
    for (let sent = 0; sent < 5; sent += 1) expect((await say(general)).ok).toBe(true);
    expect(await say(general)).toMatchObject({ status: 429, error: 'ratelimited' });
    expect((await say(other)).ok).toBe(true);
    slack.advance(5000);
    expect((await say(general)).ok).toBe(true);
    const who = () => ask('users.info', { user: slack.users.bob.id, include_locale: true });
    expect(await who()).toMatchObject({ user: { is_admin: false, locale: 'en-US' } });
    for (let sent = 1; sent < 100; sent += 1) expect((await who()).ok).toBe(true);
    expect((await who()).status).toBe(429);
    slack.advance(60_000);
    expect((await who()).ok).toBe(true);
    expect(
      await ask('files.completeUploadExternal', {
        files: [{ id: 'F0' }],
        channel_id: slack.users.bob.id,
      }),
    ).toMatchObject({ error: 'channel_not_found' });
  });

  test('what others took away, and what was wrong with a message', async () => {
    const slack = await open();
    const ask = call(slack);
    const { channels, users } = slack;
    const say = (channel: string, more: object = {}) =>
      ask('chat.postMessage', { channel, text: 'x', ...more });
    const { ts } = (await say(channels.general)) as unknown as { ts: string };
    const change = () => ask('chat.update', { channel: channels.general, ts, text: 'y' });
    expect(await change()).toMatchObject({ ok: true, message: { text: 'y' } });
    expect(slack.violations()).toEqual([]);
    const elements = Array.from({ length: 26 }, (_, index) => ({
      type: 'button',
      action_id: `${index}`,
      text: { type: 'plain_text', text: 'x' },
    }));
    await say(channels.general, { blocks: [{ type: 'actions', elements }] });
    expect(slack.violations()).toHaveLength(1);
    expect(slack.violations()[0]).toContain('chat.postMessage');

    await slack.archive(channels.general);
    expect(await change()).toMatchObject({ error: 'is_inactive' });
    expect(await say(channels.general)).toMatchObject({ error: 'is_archived' });
    const message = slack.message(channels.general, ts);
    if (message === undefined) throw new Error('The message is not there');
    await slack.deleteMessage(message);
    expect(slack.message(channels.general, ts)).toBeUndefined();
    slack.refuseDms(users.bob);
    expect(await say(users.bob.id)).toMatchObject({ error: 'messages_tab_disabled' });

    const posted = await slack.post(users.bob, 'x', [png('a'), png('b')], {
      channelId: channels.other,
    });
    const [first, second] = posted.files ?? [];
    await slack.deleteFile(String(first?.id));
    expect(slack.message(channels.other, posted.ts)?.files).toEqual([second]);
    slack.fail({ method: 'download', more: { location: 'http://127.0.0.1:1/' } });
    const response = await fetch(String(second?.url_private), { redirect: 'manual' });
    expect(response.headers.get('location')).toBe('http://127.0.0.1:1/');
    expect(slack.calls('download')).toMatchObject([{ ok: false, body: { authorized: false } }]);
  });
});
