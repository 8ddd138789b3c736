import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIAttachment } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeEngine } from '../../../commands/fake-engine.ts';
import { openStage, type Stage } from '../discord-platform.ts';
import { codeOf, isEphemeral, overOf, picture, resultOf, textIn } from '../members.ts';
import type { Discord, Person, Upload } from '../twin/shapes.ts';

describe('what members send to the Discord bot', () => {
  const engine = fakeEngine();
  let stage: Stage;
  let discord: Discord;
  let alice: Person;
  const visits: string[] = [];
  const elsewhere = createServer(({ url }, response) => {
    visits.push(String(url));
    response.end('picture of another host');
  });

  beforeAll(async () => {
    stage = await openStage({ engine });
    discord = stage.discord;
    ({ alice } = discord.users);
    await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    const wrong = discord.violations();
    await stage.close();
    elsewhere.close();
    expect(wrong).toEqual([]);
  });

  /** `/analogy` with a B as Discord would say it is. */
  const send = (b: Upload, more: Partial<APIAttachment> = {}) => {
    const files = { a: picture('a'), a2: picture('a2'), b };
    const attachments: Record<string, APIAttachment> = {};
    const options = Object.entries(files).map(([name, upload]) => {
      const file = { ...discord.upload(upload), ...(name === 'b' && more) };
      attachments[file.id] = file;
      return { name, type: 11, value: file.id };
    });
    const data = { id: '1', name: 'analogy', type: 1, options, resolved: { attachments } };
    return discord.send(alice, { type: 2, data });
  };
  const gone = () => `${new URL(discord.restUrl).origin}/attachments/1/2/gone.png`;

  it('is told apart: what is fine is drawn', async () => {
    await resultOf(send(picture('b')));
  });

  it('what is said to be too large is not even asked for', async () => {
    // It is not there: asking for it would tell so.
    const act = send(picture('b'), { size: 2_000_000, url: gone() });
    expect(await codeOf(act)).toBe('PICTURE_TOO_HEAVY');
    expect(textIn(await overOf(act))).toContain('B (cat.png)');
  });

  it('what is gone, on another host or a page', async () => {
    const port = (elsewhere.address() as AddressInfo).port;
    const cases: readonly (readonly [string, Upload, Partial<APIAttachment>])[] = [
      ['gone', picture('b'), { url: gone() }],
      ['another host', picture('b'), { url: `http://127.0.0.1:${port}/cat.png` }],
      ['no address', picture('b'), { url: 'cat.png' }],
      ['a page', { ...picture('b'), contentType: 'text/html' }, {}],
      ['a file of the machine', picture('b'), { url: 'file:///etc/hostname' }],
    ];
    for (const [what, upload, more] of cases) {
      expect([what, await codeOf(send(upload, more))]).toEqual([what, 'FETCH_FAILED']);
    }
    expect(visits).toEqual([]);
  });

  it('what is no picture', async () => {
    const text = { name: 'cat.png', bytes: new TextEncoder().encode('a text') };
    expect(await codeOf(send(text))).toBe('PICTURE_UNKNOWN');
  });

  it('an engine that is away is said, with what to do', async () => {
    const { LikewiseError } = await import('../../../../src/errors.ts');
    engine.fault = new LikewiseError('ENGINE_STOPPING', { retrySeconds: 5 });
    const act = send(picture('b'));
    expect(await codeOf(act)).toBe('ENGINE_STOPPING');
    const queue = discord.slash(alice, 'queue');
    expect(await codeOf(queue)).toBe('ENGINE_STOPPING');
    expect(isEphemeral(await overOf(queue))).toBe(true);
    engine.fault = undefined;
    await resultOf(send(picture('b')));
  });
});
