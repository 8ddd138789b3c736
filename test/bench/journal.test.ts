import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCrew } from '../../bench/quality/crew.ts';
import { openJournal } from '../../bench/quality/journal.ts';
import { type Plan, shownRows } from '../../bench/quality/plan.ts';
import type { AnalogyRecord } from '../../bench/quality/record.ts';
import { isLikewiseError } from '../../src/errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-bench-'));
afterAll(() => rmSync(dir, { recursive: true }));
const at = (name: string) => join(dir, name);

describe('the journal', () => {
  it('comes back with its lines', () => {
    const first = openJournal<{ n: number }>(at('deep/a.jsonl'), { seed: 1 });
    first.append({ n: 1 });
    first.append({ n: 2 });
    expect(openJournal(at('deep/a.jsonl'), { seed: 1 }).lines).toEqual([{ n: 1 }, { n: 2 }]);
    expect(openJournal(at('deep/a.jsonl'), { seed: 1 }, { fresh: true }).lines).toEqual([]);
  });

  it('drops half a line, and goes on with a whole one', () => {
    openJournal<{ n: number }>(at('b.jsonl'), {}).append({ n: 1 });
    appendFileSync(at('b.jsonl'), '{"n": 2, "cut sho');
    const again = openJournal<{ n: number }>(at('b.jsonl'), {});
    expect(again.lines).toEqual([{ n: 1 }]);
    again.append({ n: 3 });
    expect(openJournal(at('b.jsonl'), {}).lines).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it('begins again where not even its first line was written', () => {
    appendFileSync(at('c.jsonl'), '{"setti');
    openJournal<number>(at('c.jsonl'), { seed: 2 }).append(7);
    expect(readFileSync(at('c.jsonl'), 'utf8')).toBe('{"settings":{"seed":2}}\n7\n');
  });

  it('refuses results of other settings, with exit status 2 and what to do', () => {
    openJournal(at('d.jsonl'), { seed: 1 });
    try {
      openJournal(at('d.jsonl'), { seed: 2 });
      expect.unreachable();
    } catch (error) {
      expect(isLikewiseError(error) && error.exitStatus).toBe(2);
      expect((error as Error).message).toContain('--fresh');
    }
  });
});

describe('the crew', () => {
  const worker = resolve('test/bench/worker.stub.ts');
  /** The stub fails at the index that stands for the seed, where there is one. */
  const plan = (failAt: number) => ({ seed: failAt }) as Plan;
  const crew = (
    failAt: number,
    indices: number[],
    jobs: number,
    done: number[],
    signal?: AbortSignal,
  ) =>
    runCrew({
      plan: plan(failAt),
      indices,
      jobs,
      worker,
      onRecord: ({ index }: AnalogyRecord) => done.push(index),
      ...(signal && { signal }),
    });

  it('does everything once, whoever does it', async () => {
    const done: number[] = [];
    await crew(-1, [0, 1, 2, 3, 4, 5, 6], 2, done);
    expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('keeps what was done before a failure, and can go on from there', async () => {
    const done: number[] = [];
    await expect(crew(3, [0, 1, 2, 3, 4], 1, done)).rejects.toThrow('analogy 3: the stub fails');
    expect(done).toEqual([0, 1, 2]);
    const rest = [0, 1, 2, 3, 4].filter((index) => !done.includes(index));
    await crew(-1, rest, 1, done);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('stops when told to, and when a worker dies', async () => {
    const done: number[] = [];
    const abort = new AbortController();
    const stopped = crew(-1, [0, 1000], 1, done, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(stopped).rejects.toThrow('enough');
    await expect(crew(-1, [666], 1, done)).rejects.toThrow('a worker ended by itself (6)');
  });
});

describe('rows of the sheet', () => {
  it('are of every kind before any comes twice, and spread over the run', () => {
    expect(shownRows(200, 10, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const rows = shownRows(200, 20, 10);
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map((index) => index % 10)).size).toBe(10);
    expect(Math.max(...rows)).toBeGreaterThan(100);
    expect(shownRows(3, 20, 10)).toEqual([0, 1, 2]);
    expect(shownRows(50, 0, 10)).toEqual([]);
  });
});
