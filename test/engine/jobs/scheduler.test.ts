import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../../bench/common/stand-in.ts';
import {
  createScheduler,
  type Entry,
  type SchedulerOptions,
} from '../../../src/engine/jobs/scheduler.ts';

function entry(id: string, owner: string, more: Partial<Entry> = {}): Entry {
  const order = Number(id.match(/\d+/)?.[0] ?? 0);
  return { id, owner, tenant: 'guild', class: 'render', order, underWay: false, ...more };
}

function scheduler(options: Partial<SchedulerOptions> = {}) {
  const outstanding = new Map<string, number>();
  const clock = virtualClock();
  const made = createScheduler({
    clock,
    inversionShare: 0.2,
    turnSeconds: 10,
    patienceSeconds: 1000,
    outstanding: (owner) => outstanding.get(owner) ?? 0,
    mayBegin: () => true,
    ...options,
  });
  return { ...made, made, clock, outstanding };
}

describe('the scheduler', () => {
  test('lets owners take turns, whoever floods going last', () => {
    const { add, made, outstanding, clock } = scheduler();
    outstanding.set('flood', 6).set('ann', 1).set('bob', 2);
    for (let i = 0; i < 6; i++) add(entry(`f${i}`, 'flood'));
    add(entry('b0', 'bob'));
    add(entry('b1', 'bob'));
    add(entry('a0', 'ann'));
    expect(['a0', 'b1', 'f5'].map((id) => made.ahead(id))).toEqual([0, 3, 8]);
    const served: string[] = [];
    for (let next = made.pick(); next; next = made.pick()) {
      served.push(next.id);
      clock.pass(1000);
      made.took(next, 1, true);
    }
    expect(served).toEqual(['a0', 'b0', 'f0', 'b1', 'f1', 'f2', 'f3', 'f4', 'f5']);
  });

  test('goes on with an inversion until its time is up, renders coming between', () => {
    const { add, made } = scheduler({ inversionShare: 0 });
    const one = entry('i1', 'ann', { class: 'inversion' });
    const two = entry('i2', 'bob', { class: 'inversion' });
    const served: string[] = [];
    add(one);
    add(two);
    for (let i = 0; i < 8; i++) {
      if (i === 2) add(entry('r', 'cem'));
      const next = made.pick() as Entry;
      served.push(next.id);
      made.took(next, 4, false);
      if (next.class === 'inversion') add({ ...next, underWay: true });
    }
    expect(served).toEqual(['i1', 'i1', 'r', 'i1', 'i2', 'i2', 'i2', 'i1']);
  });

  test('holds back who may not begin, and never who has begun', () => {
    const { add, made } = scheduler({ mayBegin: ({ tenant }) => tenant !== 'busy' });
    add(entry('1', 'ann', { tenant: 'busy' }));
    expect(made.ready).toBe(false);
    expect(made.pick()).toBeUndefined();
    add(entry('2', 'bob', { tenant: 'busy', underWay: true }));
    expect(made.pick()?.id).toBe('2');
    made.remove('1');
    expect(made.pick()).toBeUndefined();
  });

  test('lets newcomers with few jobs not pass the one with many for ever', () => {
    const { add, made, outstanding, clock } = scheduler({ patienceSeconds: 60 });
    outstanding.set('many', 100);
    add(entry('0', 'many'));
    let waited = 0;
    for (let i = 1; ; i++) {
      add(entry(String(i), `new${i}`));
      const next = made.pick() as Entry;
      clock.pass(10_000);
      made.took(next, 10, true);
      if (next.owner === 'many') break;
      waited += 10;
    }
    expect(waited).toBeGreaterThan(50);
    expect(waited).toBeLessThanOrEqual(70);
  });

  test('serves nobody twice while somebody waits, whatever happens', () => {
    const action = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('add' as const),
          owner: fc.nat(5),
          inversion: fc.boolean(),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('serve' as const),
          seconds: fc.integer({ min: 1, max: 30 }),
          over: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('withdraw' as const), nth: fc.nat(20) }),
      },
    );
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 120 }),
        fc.constantFrom(20, 1000),
        (actions, patienceSeconds) => {
          const { made, clock, outstanding } = scheduler({ patienceSeconds });
          const waiting = new Map<string, Entry>();
          // For each class and owner who waits: how often each other was served since.
          const passed = {
            render: new Map<string, Map<string, number>>(),
            inversion: new Map<string, Map<string, number>>(),
          };
          let turn: string | undefined;
          let ids = 0;
          const add = (one: Entry) => {
            waiting.set(one.id, one);
            made.add(one);
            const byOwner = passed[one.class];
            if (!byOwner.has(one.owner)) byOwner.set(one.owner, new Map());
          };
          const gone = (one: Entry) => {
            waiting.delete(one.id);
            const others = [...waiting.values()].some(
              ({ owner, class: of }) => owner === one.owner && of === one.class,
            );
            if (!others) passed[one.class].delete(one.owner);
          };
          for (const act of actions) {
            if (act.kind === 'add') {
              const owner = `u${act.owner}`;
              outstanding.set(owner, (outstanding.get(owner) ?? 0) + 1);
              add(entry(`e${ids++}`, owner, { class: act.inversion ? 'inversion' : 'render' }));
            } else if (act.kind === 'withdraw') {
              const one = [...waiting.values()][act.nth];
              if (!one) continue;
              expect(made.remove(one.id)).toEqual(one);
              gone(one);
            } else {
              const one = made.pick();
              expect(one === undefined).toBe(waiting.size === 0);
              if (!one) continue;
              const isTurn = one.class === 'render' || turn !== one.id;
              if (one.class === 'inversion') turn = one.id;
              gone(one);
              for (const [owner, counts] of passed[one.class]) {
                if (owner === one.owner || !isTurn) continue;
                counts.set(one.owner, (counts.get(one.owner) ?? 0) + 1);
                expect(counts.get(one.owner)).toBeLessThanOrEqual(1);
              }
              // Being served ends the waiting; what comes after it waits anew.
              if (passed[one.class].has(one.owner)) passed[one.class].set(one.owner, new Map());
              clock.pass(act.seconds * 1000);
              if (made.took(one, act.seconds, act.over) && one.class === 'inversion')
                turn = undefined;
              if (one.class === 'inversion' && !act.over) add({ ...one, underWay: true });
            }
          }
        },
      ),
      {
        numRuns: 1000,
        // Last in one round and first in the next it must not be.
        examples: [
          [
            [
              { kind: 'add', owner: 2, inversion: true },
              { kind: 'add', owner: 0, inversion: true },
              { kind: 'serve', seconds: 10, over: false },
              { kind: 'add', owner: 2, inversion: true },
              { kind: 'serve', seconds: 10, over: false },
              { kind: 'serve', seconds: 1, over: false },
            ],
            20,
          ],
          // Withdrawn in the middle of a turn.
          [
            [
              { kind: 'add', owner: 0, inversion: true },
              { kind: 'add', owner: 0, inversion: true },
              { kind: 'add', owner: 1, inversion: true },
              { kind: 'serve', seconds: 10, over: false },
              { kind: 'serve', seconds: 1, over: false },
              { kind: 'withdraw', nth: 2 },
              { kind: 'serve', seconds: 1, over: false },
            ],
            20,
          ],
        ],
      },
    );
  });
});
