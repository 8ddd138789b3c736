import { describe, expect, it } from 'vitest';
import { type Answer, openAnswers } from '../../src/bots/answers.ts';
import { type Deletion, deletePosts, tellForgetting } from '../../src/bots/forget.ts';
import type { View, Views } from '../../src/commands/port.ts';

interface Post extends Answer {
  readonly files: readonly string[];
}

const post = (interaction: string, files: readonly string[]): Post => ({
  interaction,
  tenant: 't1',
  user: 'u1',
  roles: [],
  locale: 'en',
  channel: 'c1',
  private: false,
  told: true,
  files,
});
const member = { tenant: 't1', user: 'u1' };

function stage(...posts: readonly Post[]) {
  const answers = openAnswers<Post>({ path: ':memory:' });
  for (const each of posts) answers.put(each);
  const logged: string[] = [];
  return {
    answers,
    logged,
    log: (_: unknown, message: string) => void logged.push(message),
    doomed: () => answers.doomed().map(({ interaction }) => interaction),
  };
}

describe('telling somebody that they are forgotten', () => {
  const shown = { buttons: [], private: true } as const;
  const text: View = { kind: 'text', lines: ['Forgotten'], files: [], ...shown };
  async function* viewsOf(view: View): Views {
    yield view;
  }

  it.each([
    ['it is told', () => Promise.resolve()],
    ['it cannot be told', () => Promise.reject(new Error('refused'))],
  ])('has what was posted doomed before, and deleted where %s', async (_, show) => {
    const { answers, log, doomed } = stage(post('i1', []));
    const order: string[] = [];
    const over = tellForgetting<Post>(
      {
        answers,
        log,
        views: viewsOf(text),
        async tell(views) {
          for await (const { kind } of views) order.push(`${kind}: ${doomed()}`);
          await show();
        },
        async clear(all, told) {
          order.push(`clear ${all.map(({ interaction }) => interaction)}`);
          await told.catch(() => order.push('not told'));
          order.push('cleared');
        },
      },
      member,
    );
    const [{ status }] = await Promise.allSettled([over]);
    const isTold = status === 'fulfilled';
    expect(order.filter((step) => step !== 'not told')).toEqual([
      'clear i1',
      'text: i1',
      'cleared',
    ]);
    expect(order.includes('not told')).toBe(!isTold);
  });

  it('has nothing doomed where they were not forgotten', async () => {
    const { answers, log, logged, doomed } = stage(post('i1', []));
    const problem = { kind: 'problem', ...shown } as unknown as View;
    const seen: string[] = [];
    const tell = async (views: Views) => {
      for await (const { kind } of views) seen.push(kind);
    };
    const clear = () => Promise.reject(new Error('nothing is to be deleted'));
    await tellForgetting<Post>({ answers, log, views: viewsOf(problem), tell, clear }, member);
    expect([seen, doomed(), logged]).toEqual([['problem'], [], []]);
  });

  it('is not hindered by what fails otherwise', async () => {
    const { answers, log, logged } = stage(post('i1', []));
    const seen: string[] = [];
    const tell = async (views: Views) => {
      for await (const { kind } of views) seen.push(kind);
    };
    const clear = () => Promise.reject(new Error('the disk is full'));
    await tellForgetting<Post>({ answers, log, views: viewsOf(text), tell, clear }, member);
    expect(seen).toEqual(['text']);
    expect(logged).toEqual(['what was forgotten may still be posted']);
  });
});

describe('deleting what was posted', () => {
  const { signal } = new AbortController();
  const stepsOf =
    (run: (file: string) => void) =>
    ({ files }: Post): Deletion[] =>
      files.map((name) => ({
        name,
        async run() {
          run(name);
          return true;
        },
      }));

  it('goes on with what is noted meanwhile, before anything is erased', async () => {
    const { answers, doomed } = stage(post('i1', ['f1']), post('i2', ['f2']));
    const all = answers.doom('t1', 'u1');
    const deleted: string[] = [];
    const delete_ = (file: string) => {
      deleted.push(file);
      // Of one that was done with, and of the one at hand.
      if (file === 'f2') answers.put({ ...post('i1', ['f1', 'f3']), told: false });
      if (file === 'f3') answers.put(post('i1', ['f3', 'f4']));
    };
    await deletePosts({ answers, signal }, all, stepsOf(delete_));
    expect(deleted).toEqual(['f1', 'f2', 'f3', 'f4']);
    expect(doomed()).toEqual([]);
  });

  it('leaves to the next start what is noted as it stops', async () => {
    const { answers, doomed } = stage(post('i1', ['f1']), post('i2', []));
    const all = answers.doom('t1', 'u1');
    const ending = new AbortController();
    const delete_ = () => {
      answers.put(post('i1', ['f1', 'f2']));
      ending.abort();
    };
    await deletePosts({ answers, signal: ending.signal }, all, stepsOf(delete_));
    expect(doomed()).toEqual(['i1']);
  });

  it('leaves those of others to themselves', async () => {
    const { answers, doomed } = stage(post('i1', ['f1']), { ...post('i2', ['f2']), user: 'u2' });
    answers.doom('t1', 'u2');
    const deleted: string[] = [];
    await deletePosts(
      { answers, signal },
      answers.doom('t1', 'u1'),
      stepsOf((file) => void deleted.push(file)),
    );
    expect(deleted).toEqual(['f1']);
    expect(doomed()).toEqual(['i2']);
  });
});
