import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryOf, openAnswers } from '../../../src/bots/discord/store.ts';
import { record } from './wires.ts';

describe('answers', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'likewise-answers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = () => join(folder, 'discord.sqlite');
  const bytes = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));

  it('keeps those that are not told across a restart, for their owner alone', () => {
    const answers = openAnswers(path());
    answers.put({ ...record, job: 'j1' });
    answers.put({ ...record, interaction: 'i2', job: 'j2', message: 'm2', told: true });
    answers.close();
    expect(statSync(path()).mode & 0o077).toBe(0);
    const again = openAnswers(path());
    expect(again.open()).toMatchObject([{ interaction: 'i1', token: 'secret-token' }]);
    expect(again.byMessage('m2')).toMatchObject({ job: 'j2', token: '' });
    again.close();
  });

  it('keeps nothing before there is a job', () => {
    const answers = openAnswers(path());
    const entry = entryOf(answers, record);
    entry.change({ message: 'm1' });
    expect(answers.byMessage('m1')).toBeUndefined();
    entry.change({ job: 'j1' });
    expect(answers.byMessage('m1')).toMatchObject({ job: 'j1' });
    answers.close();
  });

  it('finds where a result is seen by all', () => {
    const answers = openAnswers(path());
    answers.put({ ...record, job: 'j1', message: 'm1', told: true });
    answers.put({
      ...record,
      interaction: 'i2',
      job: 'j1',
      message: 'm2',
      told: true,
      private: true,
    });
    expect(answers.ofJob('discord:1', 'j1')?.message).toBe('m1');
    expect(answers.ofJob('discord:2', 'j1')).toBeUndefined();
    answers.close();
  });

  it('forgets a user, in one tenant, and leaves no byte', () => {
    const answers = openAnswers(path());
    answers.put({ ...record, job: 'forgotten-job', message: 'm1' });
    answers.put({ ...record, interaction: 'i2', tenant: 'discord:2', job: 'kept-job' });
    expect(answers.doom('discord:1', 'u1')).toMatchObject([{ message: 'm1' }]);
    // It is being told of, still: what is new is to be deleted, too.
    answers.put({ ...record, job: 'forgotten-job', message: 'm2', told: true });
    expect(answers.doomed()).toMatchObject([{ message: 'm2', token: record.token }]);
    answers.erase(['i1']);
    answers.put({ ...record, job: 'forgotten-job', message: 'm2', told: true });
    expect(bytes().join()).toContain('kept-job');
    expect(bytes().join()).not.toContain('forgotten-job');
    expect(answers.open()).toMatchObject([{ job: 'kept-job' }]);
    answers.close();
  });

  it('knows for a quarter of an hour how to reach what was told, in memory alone', () => {
    let now = 0;
    const told = { ...record, job: 'j1', message: 'm1', tokenUntil: 1000, told: true };
    const answers = openAnswers(path(), () => now);
    answers.put(told);
    expect(bytes().join()).not.toContain(record.token);
    expect(answers.byMessage('m1')?.token).toBe('');
    expect(answers.doom('discord:1', 'u1')).toMatchObject([{ token: record.token }]);
    answers.erase(['i1']);
    answers.put({ ...told, interaction: 'i3' });
    now = 1001;
    answers.put({ ...told, interaction: 'i2', user: 'u2', tokenUntil: 2000 });
    expect(answers.doom('discord:1', 'u1')).toMatchObject([{ token: '' }]);
    answers.close();
  });

  it('knows how to reach what is to be deleted until it is, across a restart', () => {
    const answers = openAnswers(path(), () => 0);
    answers.put({ ...record, job: 'j1', message: 'm1', told: true });
    answers.doom('discord:1', 'u1');
    answers.close();
    const again = openAnswers(path(), () => 0);
    expect(again.doomed()).toMatchObject([{ message: 'm1', token: record.token }]);
    expect([again.open(), again.byMessage('m1')]).toEqual([[], undefined]);
    again.erase(['i1']);
    expect(bytes().join()).not.toContain(record.token);
    again.close();
  });

  it('drops what is older than two months', () => {
    const answers = openAnswers(path(), () => 0);
    answers.put({ ...record, job: 'j1' });
    answers.close();
    const later = openAnswers(path(), () => 61 * 86_400_000);
    expect(later.open()).toEqual([]);
    later.close();
  });
});
