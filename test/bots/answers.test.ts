import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Answer, openAnswers } from '../../src/bots/answers.ts';

const answer = (interaction: string, more: Partial<Answer> = {}): Answer => ({
  interaction,
  tenant: 't1',
  user: 'u1',
  roles: [],
  locale: 'en',
  channel: 'c1',
  message: `m-${interaction}`,
  job: `j-${interaction}`,
  private: false,
  told: true,
  ...more,
});

function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-answers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => {
    const answers = openAnswers({ path: join(folder, 'answers.sqlite') });
    onTestFinished(answers.close);
    return answers;
  };
  const bytes = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join();
  return { open, bytes };
}

const names = (answers: readonly Answer[]) => answers.map(({ interaction }) => interaction);

it('finds those of a user who is forgotten for one purpose only, across a restart', () => {
  const { open } = opened();
  const first = open();
  first.put(answer('i1'));
  first.put(answer('i2', { told: false }));
  first.put(answer('i3', { user: 'u2' }));
  first.put(answer('i4', { tenant: 't2' }));
  expect(names(first.doom('t1', 'u1'))).toEqual(['i1', 'i2']);
  // What tells of it still may write it again.
  first.put(answer('i2', { message: 'm-later' }));
  first.close();
  const again = open();
  expect(names(again.doomed())).toEqual(['i1', 'i2']);
  expect(again.doomed()[1]).toMatchObject({ message: 'm-later' });
  expect(again.open()).toEqual([]);
  expect(again.byMessage('m-i1')).toBeUndefined();
  expect(again.ofJob('t1', 'j-i1')).toBeUndefined();
  expect(again.byMessage('m-i3')).toMatchObject({ user: 'u2' });
  expect(again.byMessage('m-i4')).toMatchObject({ tenant: 't2' });
});

it('leaves what is doomed to be erased, whoever else is done with it', () => {
  const { open } = opened();
  const answers = open();
  answers.put(answer('i1', { told: false }));
  answers.put(answer('i2'));
  answers.doom('t1', 'u1');
  answers.put(answer('i3'));
  answers.delete('i1');
  answers.delete('i3');
  expect(names(answers.doomed())).toEqual(['i1', 'i2']);
  expect(answers.byMessage('m-i3')).toBeUndefined();
});

it('leaves no byte of what is erased, and the others as they are', () => {
  const { open, bytes } = opened();
  const answers = open();
  answers.put(answer('i1', { job: 'job-of-one' }));
  answers.put(answer('i2', { job: 'job-of-two' }));
  answers.doom('t1', 'u1');
  answers.erase(['i1']);
  expect(names(answers.doomed())).toEqual(['i2']);
  expect(bytes()).not.toContain('job-of-one');
  expect(bytes()).toContain('job-of-two');
});

it('takes nothing more of what is erased, as far back as somebody may still tell of it', () => {
  const answers = openAnswers({ path: ':memory:' });
  onTestFinished(answers.close);
  answers.put(answer('i1', { told: false }));
  answers.doom('t1', 'u1');
  answers.erase(['i1']);
  answers.put(answer('i1'));
  expect([answers.byMessage('m-i1'), answers.open(), answers.doomed()]).toEqual([
    undefined,
    [],
    [],
  ]);
  answers.erase(Array.from({ length: 9999 }, (_, i) => `other-${i}`));
  answers.put(answer('i1'));
  expect(answers.byMessage('m-i1')).toBeUndefined();
  // Not for ever: it would grow without end.
  answers.erase(['one-more']);
  answers.put(answer('i1'));
  expect(answers.byMessage('m-i1')).toBeDefined();
});
