import { describe, expect, it } from 'vitest';
import { entryOf } from '../../src/bots/answers.ts';

import type { Ready } from '../../src/bots/discord/wire.ts';
import { type Shown, tell } from '../../src/bots/tell.ts';
import type { Context, View, Views } from '../../src/commands/port.ts';
import { record, refusal } from './discord/wires.ts';

const shown = { buttons: [], private: false } as const;
const progress = (text: string, job = 'j1'): View => ({
  kind: 'progress',
  job,
  text,
  fraction: 0,
  remarks: [],
  ...shown,
});
const done: View = { kind: 'text', lines: ['done'], files: [], ...shown };
const replaced: View = { kind: 'cancelled', job: 'j1', text: '', replaced: true, ...shown };

/** Views with pauses in milliseconds between them. */
async function* viewsOf(...steps: readonly (View | number)[]): Views {
  for (const step of steps) {
    if (typeof step === 'number') await new Promise((resolve) => setTimeout(resolve, step));
    else yield step;
  }
}

function stage(
  show: (text: string, last: boolean) => Promise<Shown>,
  more: { closing?: boolean } = {},
) {
  const ending = new AbortController();
  const seen: string[] = [];
  const logged: string[] = [];
  const jobs: string[] = [];
  let removed = 0;
  const entry = entryOf(
    { put: ({ job }) => jobs.push(job ?? '') },
    { ...record, private: more.closing === true },
  );
  const run = (views: Views) =>
    tell<Ready>(views, {
      context: { signal: ending.signal } as Context,
      entry,
      post: {
        async show(prepare, last) {
          const text = JSON.stringify((await prepare()).components);
          seen.push(text);
          return show(text, last);
        },
        remove: async () => void removed++,
        isClosing: () => more.closing === true,
      },
      prepare: async (view, note) => ({
        components: [view.kind === 'progress' ? view.text : view.kind, note].filter(
          Boolean,
        ) as never,
        files: [],
      }),
      now: Date.now,
      log: (_, message) => logged.push(message),
      pace: 30,
    });
  return { run, seen, logged, jobs, ending, removed: () => removed };
}

const fine = async (): Promise<Shown> => 'shown';

describe('tell', () => {
  it('does not show progress of what is over soon', async () => {
    const { run, seen } = stage(fine);
    expect(await run(viewsOf(progress('one'), progress('two'), done))).toBe(done);
    expect(seen).toEqual(['["text"]']);
  });

  it('shows the latest progress at its pace, then what is last at once', async () => {
    const { run, seen, jobs } = stage(fine);
    await run(
      viewsOf(
        progress('one'),
        progress('two'),
        1100,
        progress('three'),
        progress('four'),
        60,
        done,
      ),
    );
    expect(seen).toEqual(['["two"]', '["four"]', '["text"]']);
    expect(jobs).toEqual(['j1']);
  });

  it('says of a private answer that it will come by direct message', async () => {
    const { run, seen } = stage(fine, { closing: true });
    await run(viewsOf(progress('one'), 1100, done));
    expect(seen[0]).toBe('["one","closing"]');
  });

  it('shows nothing more once the message was deleted', async () => {
    const { run, seen } = stage(async () => 'deleted');
    expect(await run(viewsOf(progress('one'), 1100, progress('two'), 60, done))).toBe(done);
    expect(seen).toEqual(['["one"]']);
  });

  it('goes on where progress could not be shown, and tries again what is last', async () => {
    let failures = 0;
    const { run, seen, logged } = stage(async () => {
      if (failures++ < 2) throw refusal(50035);
      return 'shown';
    });
    await run(viewsOf(progress('one'), 1100, done));
    expect(seen).toEqual(['["one"]', '["text"]', '["text"]']);
    expect(logged).toHaveLength(2);
  });

  it('removes an answer whose place another took', async () => {
    const { run, seen, removed } = stage(fine);
    await run(viewsOf(progress('one'), replaced));
    expect([seen, removed()]).toEqual([[], 1]);
  });

  it('is not over where the telling was ended', async () => {
    const { run, seen, ending } = stage(fine);
    const views = viewsOf(progress('one'), 50);
    const told = run(views);
    ending.abort();
    expect(await told).toBeUndefined();
    expect(seen).toEqual([]);
  });
});
