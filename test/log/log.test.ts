import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LikewiseError } from '../../src/errors.ts';
import { createLogger, type Log } from '../../src/log.ts';

/** With characters that JSON, addresses and patterns treat in their own ways. */
const canary = 'canary/7 "ü+\\$&b\n.*';

function logger({ secrets = [canary], isTTY = false, level = 'trace' as const } = {}) {
  const lines: string[] = [];
  const stream = { isTTY, write: (text: string) => void lines.push(text) };
  const log = createLogger({ level, secrets, stream });
  return { log, lines, text: () => lines.join('') };
}

/** The one line that was written, read back: it is valid JSON, and one line. */
function written(act: (log: Log) => void, options = {}): Record<string, unknown> {
  const { log, lines } = logger(options);
  act(log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

describe('a log', () => {
  test('writes lines of JSON, from its level on', () => {
    const { log, lines } = logger({ level: 'warn' as never });
    log.info('not this');
    log.warn({ job: 'j', seconds: 1.5, full: false, none: null }, 'a word');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: process.pid,
      job: 'j',
      seconds: 1.5,
      full: false,
      none: null,
      msg: 'a word',
    });
  });

  test('has children whose lines carry their fields', () => {
    expect(written((log) => log.child({ room: 'jobs' }).error({ job: 1 }, 'm'))).toMatchObject({
      level: 'error',
      room: 'jobs',
      job: 1,
      msg: 'm',
    });
  });

  test('shows errors with code, stack and the chain of their causes', () => {
    const root = Object.assign(new TypeError('root'), { code: 'ECONNRESET' });
    const error = new LikewiseError(
      'ENGINE_UNREACHABLE',
      { url: 'http://127.0.0.1', reason: 'reset' },
      { cause: new Error('between', { cause: root }) },
    );
    const line = written((log) => log.error(error, 'cannot go on'));
    expect(line).toMatchObject({
      msg: 'cannot go on',
      err: {
        type: 'LikewiseError',
        message: error.message,
        code: 'ENGINE_UNREACHABLE',
        details: { url: 'http://127.0.0.1', reason: 'reset' },
        stack: expect.stringContaining('log.test.ts'),
        cause: {
          message: 'between',
          cause: { type: 'TypeError', message: 'root', code: 'ECONNRESET' },
        },
      },
    });
    expect(written((log) => log.error(root)).msg).toBe('root');
    const many = new AggregateError([new Error('one'), 'two'], 'all');
    expect(written((log) => log.error({ failure: many }))).toMatchObject({
      failure: { type: 'AggregateError', errors: [{ message: 'one' }, 'two'] },
    });
  });

  test('shows what JSON would not', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle.self = circle;
    const line = written((log) =>
      log.info({
        map: new Map<unknown, unknown>([
          ['a', { b: new Set([1, 2n]) }],
          [{ k: 1 }, 2],
        ]),
        bytes: new Uint8Array(5),
        buffer: Buffer.from('abc'),
        raw: new ArrayBuffer(7),
        url: new URL('http://a.example/b'),
        date: new Date(0),
        circle,
        run: () => 1,
        get thrower() {
          return { toJSON: () => JSON.parse('{') };
        },
        long: Array.from({ length: 102 }, (_, i) => i),
      }),
    );
    expect(line).toMatchObject({
      map: { a: { b: [1, '2'] }, '{"k":1}': 2 },
      bytes: '[5 bytes]',
      buffer: '[3 bytes]',
      raw: '[7 bytes]',
      url: 'http://a.example/b',
      date: '1970-01-01T00:00:00.000Z',
      circle: { a: 1, self: '[circle]' },
      run: '[function]',
      thrower: '[unreadable]',
    });
    expect((line.long as unknown[]).slice(99)).toEqual([99, '… 2 more']);
    expect(written((log) => log.info(Buffer.from('abc')))).toMatchObject({ value: '[3 bytes]' });
    expect(written((log) => log.info(new Map([['a', 1]])))).toMatchObject({ a: 1 });
  });

  test('cuts endless texts, and counts what is left out', () => {
    const { msg } = written((log) => log.info(`${'a '.repeat(500_000)}${canary}`));
    expect(msg).toMatch(/^(a )+… \(\d{6} more characters\)$/);
  });
});

const forms: Record<string, (secret: string) => string> = {
  raw: (s) => s,
  'in JSON': (s) => JSON.stringify({ s }),
  'in JSON in JSON': (s) => JSON.stringify(JSON.stringify({ s })),
  'in escaped unicode': (s) =>
    s.replace(/[^\w]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'URL-encoded': encodeURIComponent,
  'in lower-case URL-encoding': (s) =>
    encodeURIComponent(s).replace(/%../g, (c) => c.toLowerCase()),
  'URL-encoded twice': (s) => encodeURIComponent(encodeURIComponent(s)),
  'as a form': (s) => String(new URLSearchParams({ s })),
  'in base64': (s) => Buffer.from(s).toString('base64'),
  'in base64, an offset of 1': (s) => Buffer.from(`x${s}yz`).toString('base64'),
  'in base64, an offset of 2': (s) => Buffer.from(`xy${s}z`).toString('base64'),
  'in base64url': (s) => Buffer.from(`user:${s}`).toString('base64url'),
  'in hex': (s) => Buffer.from(s).toString('hex').toUpperCase(),
  'as an object is inspected': (s) => inspect({ s }, { breakLength: Number.POSITIVE_INFINITY }),
};

describe('a known secret', () => {
  test.each(Object.keys(forms))('is found %s', (form) => {
    const text = forms[form]!(canary);
    const { msg } = written((log) => log.info(`before ${text} after`));
    expect(msg).toMatch(/^before .*\[secret\].* after$/);
    expect(msg).not.toMatch(/canary|Y2FuYXJ5|63616e617279/i);
    expect(msg).not.toContain(text);
  });

  test('is found whatever it is, in every form', () => {
    const texts = fc.string({ minLength: 4, maxLength: 30, unit: 'binary' });
    fc.assert(
      fc.property(texts, fc.constantFrom(...Object.keys(forms)), (secret, form) => {
        fc.pre(secret.isWellFormed() && secret.trim() === secret && !'[secret]'.includes(secret));
        const text = forms[form]!(secret);
        const { msg } = written((log) => log.info(`( ${text} )`), { secrets: [secret] });
        expect(msg).toContain('[secret]');
        expect(msg).not.toContain(text);
      }),
      { numRuns: 300 },
    );
  });

  const places: Record<string, (log: Log) => void> = {
    'a message': (log) => log.info(canary),
    'a field': (log) => log.info({ a: canary }),
    "a field's name": (log) => log.info({ [canary]: 1 }),
    'nested fields and lists': (log) => log.info({ a: [{ b: { c: [[canary]] } }] }),
    "an error's text": (log) => log.error(new Error(`no ${canary}`), 'm'),
    "an error without a message of the log's own": (log) => log.error(new Error(`no ${canary}`)),
    "an error's cause": (log) => log.error(new Error('a', { cause: new Error(canary) }), 'm'),
    'a cause that is a text': (log) => log.error(new Error('a', { cause: canary }), 'm'),
    "an error's other fields": (log) =>
      log.error(Object.assign(new Error('a'), { request: { body: canary } }), 'm'),
    "an error's stack": (log) => {
      const error = new Error('a');
      error.stack = `Error: ${canary}\n    at ${canary}`;
      log.error({ err: error }, 'm');
    },
    'errors of an error': (log) => log.error(new AggregateError([new Error(canary)]), 'm'),
    'a map': (log) => log.info({ map: new Map([[canary, canary]]) }, 'm'),
    'a set': (log) => log.info({ set: new Set([canary]) }, 'm'),
    bytes: (log) => log.info({ buffer: Buffer.from(canary), bytes: [...Buffer.from('')] }, 'm'),
    'an address': (log) =>
      log.info({ url: new URL(`http://a.example/${encodeURIComponent(canary)}`) }, 'm'),
    headers: (log) => log.info({ headers: new Headers({ 'x-a': encodeURI(canary) }) }, 'm'),
    'what toJSON gives': (log) => log.info({ a: { toJSON: () => canary } }, 'm'),
    "a child's fields": (log) => log.child({ a: { b: canary } }).info('m'),
  };
  test.each(Object.keys(places))('is gone from %s', (place) => {
    for (const isTTY of [false, true]) {
      const { log, text } = logger({ isTTY });
      places[place]!(log);
      expect(text()).toMatch(/INFO|ERROR|"level"/);
      expect(text()).not.toMatch(/canary/);
      // What is hidden is said to be; bytes are not shown in the first place.
      expect(text()).toContain(place === 'bytes' ? 'bytes]' : '[secret]');
    }
  });

  test('is found where it is a number, and where one begins with another', () => {
    const secrets = ['12345678', '1234'];
    expect(
      written((log) => log.info({ pin: 12345678, a: [912345] }, '12345678'), { secrets }),
    ).toEqual(expect.objectContaining({ pin: '[secret]', a: ['[secret]'], msg: '[secret]' }));
  });

  test('that is short enough to be in every word is not looked for', () => {
    expect(written((log) => log.info('an apple a day'), { secrets: ['a', '', 'app'] }).msg).toBe(
      'an apple a day',
    );
  });
});

describe('a line for the terminal', () => {
  test('is readable, with stacks below it', () => {
    const { log, text } = logger({ isTTY: true });
    const error = new Error('outer', { cause: new Error('inner') });
    log.warn({ job: 'j1', note: 'two words', err: error }, 'it failed');
    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}it failed job=j1 note="two words"\n {4}Error: outer\n {8,}at .*\n/,
    );
    expect(text()).toMatch(/\n {4}caused by: Error: inner\n/);
  });

  test('sends no escape codes', () => {
    const { log, text } = logger({ isTTY: true });
    log.info({ name: '\u001b[31mx' }, 'a\n\u001b]0;title\u0007b\u202ec');
    for (const one of '\n\u001b\u0007\u202e') expect(text().slice(0, -1)).not.toContain(one);
  });
});
