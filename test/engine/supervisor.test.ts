import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import {
  restartsOf,
  type SupervisorEvent,
  type SupervisorOptions,
  supervise,
} from '../../src/engine/supervisor.ts';

const program = new URL('./supervisor.stub.ts', import.meta.url);
const dir = mkdtempSync(join(tmpdir(), 'likewise-supervisor-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Supervises in this process. */
async function run(args: string[], options: Partial<SupervisorOptions> = {}) {
  const events: SupervisorEvent[] = [];
  const status = await supervise({
    program,
    args,
    execArgv: [],
    signal: new AbortController().signal,
    minMs: 1,
    maxMs: 4,
    ...options,
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  const kinds = events.map(({ kind }) => kind);
  const waits = events.flatMap((event) => (event.kind === 'crashed' ? [event.againMs] : []));
  return { status, events, kinds, waits };
}

/** A supervisor as a process, what it and its program have said, and a way to wait for a word. */
function start(args: string[], env: Record<string, string> = {}) {
  const parent: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    [fileURLToPath(program), ...args],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...env } },
  );
  let said = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // The pipe is closed when nobody holds it any more: the program has ended as well.
  const over = once(parent, 'close').then(([status, signal]) => ({ status, signal, said }));
  const word = async (text: string) => {
    while (!said.includes(`${text}\n`)) await once(parent.stdout, 'data');
  };
  return { parent, over, word };
}

describe('a supervisor', () => {
  test.each([0, 2])('is over when its program ends with status %i', async (status) => {
    const { kinds, ...result } = await run(['exit', String(status)]);
    expect(result.status).toBe(status);
    expect(kinds).toEqual(['started', 'ended']);
  });

  test('starts a program again that crashes, in whatever way, later each time', async () => {
    const file = join(dir, 'starts');
    const { status, events, kinds, waits } = await run(['crash', file, '4']);
    expect(status).toBe(0);
    const twice = ['started', 'crashed', 'started', 'crashed'];
    expect(kinds).toEqual([...twice, ...twice, 'started', 'ended']);
    expect(waits).toEqual([1, 2, 4, 4]);
    expect(events[1]).toMatchObject({ status: 1, signal: null });
    expect(events[3]).toMatchObject({ status: null, signal: 'SIGKILL' });
    expect(events.filter(({ kind }) => kind === 'started').at(-1)).toMatchObject({ restarts: 4 });
    // The program knows how often.
    expect(readFileSync(file, 'utf8')).toBe('0\n1\n2\n3\n4\n');
  });

  test('begins anew with its waits once the program has been well', async () => {
    const { waits } = await run(['crash', join(dir, 'healthy'), '3'], { healthyMs: 0 });
    expect(waits).toEqual([1, 1, 1]);
  });

  test('ends at once where it is told to while the program is down', async () => {
    const abort = new AbortController();
    const { status, kinds } = await run(['exit', '1'], {
      signal: abort.signal,
      minMs: 1e8,
      maxMs: 1e8,
      onEvent: ({ kind }) => void (kind === 'crashed' && abort.abort()),
    });
    expect(status).toBe(0);
    expect(kinds).toEqual(['started', 'crashed', 'ended']);
  });

  test('starts nothing where it is told to end before', async () => {
    const { status, kinds } = await run(['exit', '1'], { signal: AbortSignal.abort() });
    expect(status).toBe(0);
    expect(kinds).toEqual(['ended']);
  });

  test('says by which signal a program ended that does not mind the one it got', async () => {
    const abort = new AbortController();
    const { status, kinds } = await run(['loyal'], {
      signal: abort.signal,
      onEvent: ({ kind }) => void (kind === 'started' && abort.abort()),
    });
    expect(status).toBe(128 + 15);
    expect(kinds).toEqual(['started', 'ended']);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('passes %s on and waits for the end', async (name) => {
    const { parent, over, word } = start(['parent', 'serve']);
    await word('up');
    parent.kill(name);
    const { status, said } = await over;
    expect(status).toBe(0);
    expect(said).toMatch(new RegExp(`told ${name}\\n.*"ended","status":0`));
  });

  test('kills a program that does not end', async () => {
    const { parent, over, word } = start(['parent', 'stubborn'], { GRACE_MS: '300' });
    await word('up');
    parent.kill('SIGTERM');
    const { status, said } = await over;
    expect(status).toBe(128 + 9);
    expect(said).toMatch(/"killed".*\n.*"ended","status":137/);
  });
});

describe('a supervised program', () => {
  test.each([
    ['loyal', 'stopped'],
    ['hanging', 'stopping'],
  ])('that is %s ends when its supervisor is killed', async (act, said) => {
    const { parent, over, word } = start(['parent', act]);
    await word('up');
    parent.kill('SIGKILL');
    // It settles when the last process has let go of the pipe.
    expect(await over).toMatchObject({ signal: 'SIGKILL', said: expect.stringContaining(said) });
  });

  test('may end by itself all the same', async () => {
    const { over } = start(['parent', 'brief']);
    expect(await over).toMatchObject({ status: 0, said: expect.stringContaining('done\n') });
  });

  test('needs no supervisor', async () => {
    const { over } = start(['brief']);
    expect(await over).toMatchObject({ status: 0, said: 'done\n' });
  });
});

describe('a program that outlives its readers', () => {
  /** Its stdout and stderr go to pipes that nobody reads any more, or to a file. */
  async function chat(act: string[], to: 'pipe' | number): Promise<unknown> {
    const child = spawn(process.execPath, [fileURLToPath(program), 'chatty', ...act], {
      stdio: ['pipe', to, to],
    });
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.end();
    return (await once(child, 'exit'))[0];
  }

  test('goes on when they are gone', async () => {
    expect(await chat([], 'pipe')).toBe(7);
    // What it would do otherwise: the trouble is real.
    expect(await chat(['fragile'], 'pipe')).toBe(1);
  });

  test.skipIf(!existsSync('/dev/full'))('goes on when the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    expect(await chat([], full)).toBe(7);
    expect(await chat(['fragile'], full)).toBe(1);
    closeSync(full);
  });
});

test('the count of restarts is a count', () => {
  expect(restartsOf({})).toBe(0);
  expect(restartsOf({ SUPERVISOR_RESTARTS: '3' })).toBe(3);
  for (const text of ['-1', '1.5', 'x', '', 'Infinity']) {
    expect(restartsOf({ SUPERVISOR_RESTARTS: text })).toBe(0);
  }
});
