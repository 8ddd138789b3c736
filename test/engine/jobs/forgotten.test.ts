import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/index.ts';
import { openJournal } from '../../../src/engine/jobs/index.ts';
import { holding, samples, secret } from '../../traces.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-journal-forgotten-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('what is forgotten is in no file of the journal', () => {
  const users = ['ann-canary', 'bob-canary', 'cay-canary'];

  // Rows that grow and go make SQLite move others about, which leaves copies in the gaps of its pages:
  // all of these fail where the file is not written anew.
  it.each([17, 18, 21, 28])('after jobs came and went in any order (seed %i)', (seed) => {
    const folder = join(dir, String(seed));
    const journal = openJournal(join(folder, 'journal.sqlite'));
    journal.recover(0);
    const random = createRandom(seed, 'journal');
    const any = (count: number) => Math.floor(random.uniform() * count);
    const written: { user: string; bytes: Buffer }[] = [];
    const note = (user: string, name: string): Uint8Array => {
      const bytes = secret(`${seed} ${user} ${name}`, 40 + any(120));
      written.push({ user, bytes });
      return bytes;
    };
    for (let i = 0; i < 150; i++) {
      const user = users[any(3)] as string;
      const owner = { tenant: 'guild-canary', user };
      const id = `job-${seed}-${i}`;
      const input = note(user, `input ${i}`);
      const tasks = [{ class: 'inversion', label: 'tokens', input } as const];
      const request = note(user, `request ${i}`);
      journal.accept({ id, owner, key: `${user}-key-${i}`, tasks, request, bytes: 0 }, i);
      journal.want(id, `${user}-image-${i}`);
      for (let step = 0; step < 1 + any(4); step++) {
        const state = note(user, `state ${i} ${step}`);
        journal.checkpoint(`${user}-image-${i}`, { step, state }, i);
      }
      if (any(2) === 0) journal.part(id, 0, note(user, `part ${i}`));
      if (any(3) === 0) {
        const problem = { code: 'JOB_FAILED', message: `${user} saw it`, details: {} };
        journal.end(id, { state: 'failed', problem }, i);
      }
    }
    const gone = users.slice(0, 2);
    for (const user of gone) {
      const owner = { tenant: 'guild-canary', user };
      journal.forget(owner, 1000);
      journal.forgotten(owner);
    }
    const traces = written
      .filter(({ user }) => gone.includes(user))
      .flatMap(({ bytes }) => samples(bytes));
    expect(traces.length).toBeGreaterThan(300);
    expect(holding(folder, [...traces, ...gone])).toEqual([]);
    // The others' is there: it is not the search that finds nothing.
    expect(holding(folder, ['cay-canary'])).not.toEqual([]);
    journal.close();
  });

  it('and so is what a sweep removes, and what went without one', () => {
    const folder = join(dir, 'swept');
    const journal = openJournal(join(folder, 'journal.sqlite'));
    journal.recover(0);
    const request = (i: number) => secret(`request ${i}`, 100 + 31 * i);
    const state = (i: number, step: number) => secret(`state ${i} ${step}`, 3000 + 97 * i);
    const part = (i: number) => secret(`part ${i}`, 500 + 53 * i);
    const count = 60;
    for (let i = 0; i < count; i++) {
      const owner = { tenant: 'guild-canary', user: `user-canary-${i % 3}` };
      const tasks = [{ class: 'inversion', label: 'tokens', input: `input-canary-${i}` } as const];
      const job = { id: `job-canary-${i}`, owner, key: `key-canary-${i}`, tasks, bytes: 0 };
      journal.accept({ ...job, request: request(i) }, i);
      journal.want(job.id, `image-canary-${i}`);
      for (const step of [1, 2, 3]) {
        journal.checkpoint(`image-canary-${i}`, { step, state: state(i, step) }, i);
      }
      journal.settle(`image-canary-${i}`);
      // Half of them are old when they are swept.
      if (i % 2 === 0) journal.end(job.id, { state: 'done', parts: new Map([[0, part(i)]]) }, i);
    }
    journal.onDevice('job-canary-58');
    const all = Array.from({ length: count }, (_, i) => i);
    const states = all.flatMap((i) => [1, 2, 3].flatMap((step) => samples(state(i, step))));
    const ended = all.filter((i) => i % 2 === 0);
    const theirs = ended.flatMap((i) => [
      ...samples(request(i)),
      ...samples(part(i)),
      ...(i > 9 ? [`job-canary-${i}`, `key-canary-${i}`] : []),
    ]);
    expect(holding(folder, states)).not.toEqual([]);
    // Nothing is old enough, but the states of inversions that are over are to be gone.
    expect(journal.sweep(0)).toEqual([]);
    expect(holding(folder, states)).toEqual([]);
    expect(holding(folder, theirs)).not.toEqual([]);
    expect(journal.sweep(count)).toHaveLength(ended.length);
    expect(holding(folder, [...states, ...theirs])).toEqual([]);
    // What is not over is there.
    const rest = all.filter((i) => i % 2 === 1);
    for (const i of rest) expect(holding(folder, samples(request(i)))).not.toEqual([]);
    journal.close();
  });
});
