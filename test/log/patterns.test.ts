import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errors } from '../../src/errors.ts';
import { hidePatterns } from '../../src/log/patterns.ts';
import { createScrubber } from '../../src/log/scrubber.ts';

const hex = '0123456789abcdef'.repeat(4);
// Put together here, so that no scanner takes this file for a leak.
const bot = ['MTk4NjIyNDgzNDcxOTI1MjQ4', 'Cl2FMQ', 'canaryZrCzUcZqszOtM6fG0m7xk3q-cAnARy'].join(
  '.',
);
const slack = ['xoxb', '123456789012', 'canaryCANARY'].join('-');

describe('what looks like a secret', () => {
  test.each([
    ['Authorization: Bearer canary-1', 'Authorization: [secret]'],
    ['"authorization":"Bot canary.2"', '"authorization":"[secret]"'],
    ['{\\"Authorization\\":\\"Basic Y2FuYXJ5\\"}', '{\\"Authorization\\":\\"[secret]\\"}'],
    ["headers: { authorization: 'canary' }", "headers: { authorization: '[secret]' }"],
    ['sent Bearer canary-token-4 to it', 'sent Bearer [secret] to it'],
    ['sent Basic Y2FuYXJ5OmNhbmFyeQ== to it', 'sent Basic [secret] to it'],
    ['Cookie: sid=canary; other=canary', 'Cookie: [secret]'],
    ['redis://likewise:canary@cache:6379/0', 'redis://[secret]@cache:6379/0'],
    ['redis://:c@n/x', 'redis://[secret]@n/x'],
    ['rediss://u:can@ry@cache', 'rediss://[secret]@cache'],
    ['https:\\/\\/u:canary@a.example\\/b', 'https:\\/\\/[secret]@a.example\\/b'],
    ['http://a/b?token=canary&x=1', 'http://a/b?token=[secret]&x=1'],
    ['http://a/b?x=1&access_token=canary#f', 'http://a/b?x=1&access_token=[secret]#f'],
    ['http://a/b#id_token=canary', 'http://a/b#id_token=[secret]'],
    ['http://a/b?Signature=canary%2B', 'http://a/b?Signature=[secret]'],
    ['http://a/b?key=canary', 'http://a/b?key=[secret]'],
    [
      'http://a/b?api_key=canary\\u0026sig=canary',
      'http://a/b?api_key=[secret]\\u0026sig=[secret]',
    ],
    [
      'http://a/b?X-Amz-Credential=canary&X-Amz-Signature=canary&w=2',
      'http://a/b?X-Amz-Credential=[secret]&X-Amz-Signature=[secret]&w=2',
    ],
    [
      'https://cdn.discordapp.com/attachments/1/2/a.png?ex=66canary&is=66canary&hm=canary&',
      'https://cdn.discordapp.com/attachments/1/2/a.png?ex=[secret]&is=[secret]&hm=[secret]&',
    ],
    ['to=http%3A%2F%2Fa%3Ftoken%3Dcanary%26b%3D1', 'to=http%3A%2F%2Fa%3Ftoken%3D[secret]%26b%3D1'],
    [`login(${bot})`, 'login([secret])'],
    [`${slack} and xapp-1-A0-canary`, '[secret] and [secret]'],
    ['xoxe.xoxp-1-canary', '[secret]'],
    ['"signing_secret": "canary"', '"signing_secret": "[secret]"'],
    ['SLACK_SIGNING_SECRET=canary', 'SLACK_SIGNING_SECRET=[secret]'],
    ['client secret: canary-canary', 'client secret: [secret]'],
    ["botToken: 'canary'", "botToken: '[secret]'"],
    [`v0=${hex}`, 'v0=[secret]'],
    [
      'POST https://discord.com/api/v10/webhooks/123456/canaryTOKEN/messages/@original',
      'POST https://discord.com/api/v10/webhooks/123456/[secret]/messages/@original',
    ],
    ['/interactions/123456/canaryTOKEN/callback', '/interactions/123456/[secret]/callback'],
    ['aW50ZXJhY3Rpb246MTIzOmNhbmFyeQ is over', '[secret] is over'],
    ['https://hooks.slack.com/services/T0/B0/canary', 'https://hooks.slack.com/[secret]'],
    ['https://hooks.slack.com/commands/T0/1/canary!', 'https://hooks.slack.com/[secret]'],
    ['eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.canary', '[secret]'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\ncan-ary\n-----END RSA PRIVATE KEY-----',
      '[secret]-----END RSA PRIVATE KEY-----',
    ],
  ])('%s', (text, clean) => {
    expect(hidePatterns(text)).toBe(clean);
    expect(hidePatterns(clean)).toBe(clean);
  });

  test('or is named like one is hidden by the field it is in', () => {
    const fields = {
      token: 'canary',
      signing_secret: 'canary',
      signingSecret: 'canary',
      password: 12345,
      headers: { 'X-Slack-Signature': 'canary', 'set-cookie': ['canary'], Authorization: 'canary' },
      credentials: { user: { name: 'canary' } },
      response_url: 'canary',
      tokens: 8,
      hasToken: true,
      key: 'tenant/image/tokens',
    };
    expect(createScrubber([]).line(JSON.stringify(fields)).fields).toEqual({
      token: '[secret]',
      signing_secret: '[secret]',
      signingSecret: '[secret]',
      password: '[secret]',
      headers: {
        'X-Slack-Signature': '[secret]',
        'set-cookie': ['[secret]'],
        Authorization: '[secret]',
      },
      credentials: { user: { name: '[secret]' } },
      response_url: '[secret]',
      tokens: 8,
      hasToken: true,
      key: 'tenant/image/tokens',
    });
  });
});

describe('ordinary text', () => {
  test.each([
    'The tokens of B took 63 steps: loss 0.0123, 4.5 s.',
    'the first token: none; tokens=77, step=12',
    'A bearer token is missing; check the token, and that both sides are of one version.',
    'Bearer authentication failed; Basic authentication as well',
    'GET /v1/jobs/0b0c5a1e-6d0f-4a39-9d6e-1df36f4f1c11?after=12&limit=100 200 in 3 ms',
    'http://127.0.0.1:7431/metrics?x=1',
    'redis://cache.example:6379/0 and user@host.example',
    '/home/somebody/likewise/src/engine/jobs/manager.ts:12:34',
    'at file:///app/node_modules/.bin/a@1.2.3/index.js:1:2',
    'sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'c2FtcGxlIHBpY3R1cmUgYnl0ZXM= is a picture',
    'cookie jar, secret garden, password reset, the key of the record: a/b/c',
    '2026-01-02T03:04:05.678Z release 1.2.3-beta.4 (linux-x64)',
    'mfa is off; webhooks/interactions are up; ex=1 is=2 hm=3',
  ])('%s', (text) => {
    expect(hidePatterns(text)).toBe(text);
  });

  test('of the error table and of the documentation stays as it is', () => {
    for (const { what, todo } of Object.values(errors)) {
      expect(hidePatterns(`${what} ${todo}`)).toBe(`${what} ${todo}`);
    }
    const page = readFileSync('CONTRIBUTING.md', 'utf8');
    expect(hidePatterns(page)).toBe(page);
  });

  test('takes no time out of proportion, however it is made', () => {
    // A pattern that repeats without a bound takes time by the square of such a text.
    for (const part of [
      'a',
      'a-',
      'x://',
      'a.b',
      '%3F',
      '?a=',
      '-----BEGIN PRIVATE KEY-----',
      'token=',
    ]) {
      const { fields } = createScrubber(['canary-canary']).line(
        JSON.stringify({ msg: part.repeat(200_000 / part.length) }),
      );
      expect(typeof fields.msg).toBe('string');
    }
  });

  test('that is no JSON is kept as a message', () => {
    const { fields, json } = createScrubber(['canary']).line('not { canary\n');
    expect(fields).toEqual({ level: 'error', msg: 'not { [secret]' });
    expect(JSON.parse(json)).toEqual(fields);
    expect(createScrubber([]).line('3').fields).toEqual({ msg: 3 });
  });
});
