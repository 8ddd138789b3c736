import { expect, it } from 'vitest';
import { createMembers } from '../../../src/bots/slack/members.ts';
import type { Member, Wire } from '../../../src/bots/slack/wire.ts';

/** Who asks, and how often Slack was asked. */
function wireOf(answer: () => Promise<Member>) {
  const asked: string[] = [];
  const member = (user: string) => {
    asked.push(user);
    return answer();
  };
  return { asked, wire: { member } as unknown as Wire };
}

const boss: Member = { admin: true, locale: 'de-DE' };
const stranger: Member = { admin: false, locale: 'en-US' };

it('asks once in a while, by workspace', async () => {
  let now = 0;
  const members = createMembers(
    () => {},
    () => now,
  );
  const { asked, wire } = wireOf(async () => boss);
  expect(await members.of(wire, 'T1', 'U1')).toEqual(boss);
  await members.of(wire, 'T1', 'U1');
  expect(asked).toHaveLength(1);
  await members.of(wire, 'T2', 'U1');
  expect(asked).toHaveLength(2);
  now += 5 * 60_000 + 1;
  await members.of(wire, 'T1', 'U1');
  expect(asked).toHaveLength(3);
});

it('takes whom Slack does not know for nobody in particular, and asks again', async () => {
  const logged: unknown[] = [];
  const members = createMembers(
    (details) => logged.push(details),
    () => 0,
  );
  const { asked, wire } = wireOf(() => Promise.reject(new Error('user_not_found')));
  expect(await members.of(wire, 'T1', 'U1')).toEqual(stranger);
  expect(await members.of(wire, 'T1', 'U1')).toEqual(stranger);
  expect(asked).toHaveLength(2);
  expect(logged).toHaveLength(2);
});

it('does not wait for ever', async () => {
  const members = createMembers(
    () => {},
    () => 0,
  );
  const { promise, resolve } = Promise.withResolvers<Member>();
  const { wire } = wireOf(() => promise);
  expect(await members.of(wire, 'T1', 'U1')).toEqual(stranger);
  resolve(boss);
  // Known when they come again.
  expect(await members.of(wire, 'T1', 'U1')).toEqual(boss);
});
