import { expect, it } from 'vitest';
import { type Answer, openAnswers } from '../../src/bots/answers.ts';
import { contextAgain, resumeTelling } from '../../src/bots/resume.ts';

const answer = (interaction: string, more: Partial<Answer> = {}): Answer => ({
  interaction,
  tenant: 't1',
  user: 'u1',
  roles: ['r1'],
  locale: 'de',
  channel: 'c1',
  job: `j-${interaction}`,
  private: true,
  told: false,
  ...more,
});

it('tells again of all that was not told to its end, whatever becomes of one', async () => {
  const answers = openAnswers({ path: ':memory:' });
  for (const name of ['i1', 'i2', 'i3']) answers.put(answer(name));
  answers.put(answer('i4', { told: true }));
  const again: string[] = [];
  const logged: unknown[] = [];
  await resumeTelling({ answers, log: (details) => void logged.push(details) }, async (record) => {
    again.push(record.interaction);
    if (record.interaction === 'i2') throw new Error('a fault');
  });
  expect(again).toEqual(['i1', 'i2', 'i3']);
  expect(logged).toEqual([{ err: new Error('a fault'), job: 'j-i2' }]);
  answers.close();
});

it('asks as whoever asked, who decides nothing', () => {
  const { signal } = new AbortController();
  const can = { animation: 'gif' } as const;
  expect(contextAgain(answer('i1', { message: 'm1', spoiler: true }), { can, signal })).toEqual({
    tenant: 't1',
    user: 'u1',
    roles: ['r1'],
    locale: 'de',
    interaction: 'i1',
    message: 'm1',
    moderator: false,
    admin: false,
    ageRestricted: true,
    private: true,
    spoiler: true,
    can,
    signal,
  });
});
