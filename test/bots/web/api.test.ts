import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { webApi } from '../../../src/bots/web/api.ts';
import { openConversations } from '../../../src/bots/web/conversation.ts';
import { openMessages } from '../../../src/bots/web/messages.ts';
import { openSessions } from '../../../src/bots/web/sessions.ts';
import { createCommands } from '../../../src/commands/index.ts';
import { openSettings } from '../../../src/commands/settings.ts';
import { fakeEngine } from '../../commands/fake-engine.ts';

it('keeps nothing of a stream that its reader has left', async () => {
  const messages = openMessages(':memory:');
  const settings = openSettings(':memory:');
  const closing = new AbortController();
  const api = webApi({
    commands: createCommands({
      engine: fakeEngine(),
      settings,
      log: () => {},
      dials: { lambda: [1], guidance: [2] },
      pictureMegabytes: 1,
    }),
    conversations: openConversations({ messages }),
    sessions: openSessions({ host: '127.0.0.1' }),
    samples: { list: [], answer: () => new Response() },
    maxUploadBytes: 1000,
    maxUploads: 1,
    closing: closing.signal,
    heartbeatMs: 60_000,
  });
  const listeners = () => getEventListeners(closing.signal, 'abort').length;
  for (let i = 0; i < 3; i++) {
    const reader = (await api.request('/stream')).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"messages":[]');
    expect(listeners()).toBe(1);
    await reader?.cancel();
    await expect.poll(listeners).toBe(0);
  }
  messages.close();
  settings.close();
});
