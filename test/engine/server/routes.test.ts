import { describe, expect, it } from 'vitest';
import { protocolVersion } from '../../../src/engine/protocol.ts';
import { engineApp } from '../../../src/engine/server.ts';
import { type ErrorCode, LikewiseError } from '../../../src/errors.ts';
import { standInEngine } from '../stand-in-engine.ts';

const token = 'a-token';
const headers = {
  authorization: `Bearer ${token}`,
  'likewise-protocol': String(protocolVersion),
  'likewise-tenant': 'slack:T1',
  'likewise-user': 'bob',
};

/** The doors without a network around them. */
function open(more: Partial<Parameters<typeof engineApp>[0]> = {}) {
  const engine = standInEngine();
  const app = engineApp({ engine, token, ...more });
  const ask = async (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const init = { method, headers, ...(body !== undefined && { body }) };
    return app.request(`/v1/${path}`, init);
  };
  return { engine, app, ask };
}

describe('an error of the engine is an answer', () => {
  const wait = { retrySeconds: 12.2 };
  const limit = { ...wait, whose: 'user', waiting: 3, used: 3, megabytes: 3, limit: 3 };
  it.each<[ErrorCode, object, status: number, retryAfter: string | null]>([
    ['ANALOGY_UNKNOWN', { name: 'x' }, 404, null],
    ['JOB_UNKNOWN', { job: 'x' }, 404, null],
    ['ANALOGY_NOT_YOURS', { name: 'x' }, 422, null],
    ['ANALOGY_FILE_TOO_LARGE', { megabytes: 9, limit: 8 }, 413, null],
    ['LIMIT_WAITING', limit, 429, '13'],
    ['LIMIT_DEVICE', limit, 429, '13'],
    ['LIMIT_BYTES', limit, 429, '13'],
    ['INTAKE_BUSY', { waiting: 5 }, 429, '60'],
    ['DISK_FULL', wait, 503, '13'],
    ['ENGINE_STOPPING', wait, 503, '13'],
  ])('%s', async (code, details, status, retryAfter) => {
    const { engine, ask } = open();
    engine.jobs = async () => {
      throw new LikewiseError(code, details as never);
    };
    const response = await ask('GET', 'jobs');
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(await response.json()).toMatchObject({ code, details });
  });
});

describe('what does not fit the protocol is refused, and the engine is not asked', () => {
  const which = { name: 'Glasses' };
  it.each<[method: string, path: string, body?: unknown]>([
    ['GET', 'analogies?limit=0'],
    ['GET', 'analogies?limit=many'],
    ['GET', 'analogies?owner=a%20b'],
    ['GET', 'analogies?page=2'],
    ['GET', 'analogies/find'],
    ['GET', `analogies/find?text=${'x'.repeat(300)}`],
    ['GET', 'analogies/one'],
    ['GET', 'analogies/one?name=x&analogy=y'],
    ['GET', 'analogies/one?name='],
    ['POST', 'analogies/named', { name: 'Glasses' }],
    ['POST', 'analogies/named', { analogy: 'a', name: 'x'.repeat(300) }],
    ['POST', 'analogies/named', { analogy: 'a', name: 'x', owner: 'somebody' }],
    ['PATCH', 'analogies/one', { name: 'Glasses' }],
    ['PATCH', 'analogies/one', { which, description: 'x'.repeat(3000) }],
    ['PATCH', 'analogies/one', { which, moderator: 'yes' }],
    ['DELETE', 'analogies/one', {}],
    ['DELETE', 'analogies/one', { which, name: 'x' }],
    ['DELETE', 'analogies/one', { which, more: 'x'.repeat(20_000) }],
    ['POST', 'jobs', { key: 'k', request: { kind: 'render', output: 'film' } }],
  ])('%s %s %j', async (method, path, body) => {
    const { engine, ask } = open();
    const called: string[] = [];
    for (const name of [
      'analogy',
      'listAnalogies',
      'findAnalogies',
      'saveAnalogy',
      'changeAnalogy',
      'deleteAnalogy',
      'submit',
    ] as const) {
      engine[name] = (async () => called.push(name)) as never;
    }
    const response = await ask(method, path, body === undefined ? undefined : JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'ENGINE_REFUSED' });
    expect(called).toEqual([]);
  });

  it('nor is a name handed on that can be none', async () => {
    const { engine, ask } = open();
    const called: string[] = [];
    engine.exportAnalogy = async (_, analogy) => Promise.reject(called.push(analogy));
    const response = await ask('GET', `analogies/${encodeURIComponent('../../etc passwd')}/file`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'ANALOGY_UNKNOWN' });
    expect(called).toEqual([]);
  });
});

describe('an analogy that is imported', () => {
  it('is read no further than it may be large', async () => {
    const { engine, app, ask } = open({ maxImport: 200_000 });
    let asked = 0;
    engine.importAnalogy = async () => Promise.reject(asked++);
    let sent = 0;
    const endless = ReadableStream.from(
      (async function* () {
        for (; sent < 1000; sent++) yield new Uint8Array(50_000);
      })(),
    );
    const request = { method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit;
    const response = await app.request('/v1/analogies', request);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      code: 'ANALOGY_FILE_TOO_LARGE',
      details: { megabytes: 0.2, limit: 0.2 },
    });
    expect(sent).toBeLessThan(20);
    expect((await ask('POST', 'analogies', new Uint8Array(200_001))).status).toBe(413);
    expect(asked).toBe(0);
  });
});

describe('a moderator', () => {
  it('is one only if the request says so', async () => {
    const { engine, ask } = open();
    const heard: unknown[] = [];
    engine.deleteAnalogy = async (owner, request) => void heard.push([owner.user, request]);
    const which = { analogy: 'a' };
    const responses = [
      await ask('DELETE', 'analogies/one', JSON.stringify({ which })),
      await ask('DELETE', 'analogies/one', JSON.stringify({ which, moderator: true })),
    ];
    expect(responses.map(({ status }) => status)).toEqual([204, 204]);
    expect(heard).toEqual([
      ['bob', { which }],
      ['bob', { which, moderator: true }],
    ]);
  });
});
