import type { Task } from '../../src/engine/jobs/index.ts';
import { inversionTask, renderTask } from '../common/stand-in.ts';

/**
 * A tenth of a second here is about four of the product's: steps of 20 ms stand for steps of 0.8 s,
 * and checkpoints come every 0.25 s instead of every 10 s.
 */
export const pace = {
  stepSeconds: 0.02,
  renderSeconds: 0.03,
  checkpointSeconds: 0.25,
  /** Between which times after its start the process is killed. */
  killSeconds: [0.02, 1.5],
} as const;

const users = 5;
const steps = 40;

/** Job number n: two inversions of which the second is another job's too, and two renders. */
export function planned(n: number) {
  const pictures = [`p${n}`, `s${Math.floor(n / 2)}`];
  const tasks: Task[] = [
    ...pictures.map((picture) => inversionTask(picture, steps, pace.stepSeconds)),
    renderTask(pace.renderSeconds),
    renderTask(pace.renderSeconds),
  ];
  return {
    key: `key${n}`,
    owner: { tenant: 'tenant', user: `user${n % users}` },
    tasks,
    pictures,
    steps,
  };
}

/** What the parent sends, and what it is answered. */
export interface Post {
  readonly n: number;
}
export type Answer =
  /** How many jobs are over by the journal: when it is ready, and whenever one more is. */
  { readonly over: number } | { readonly n: number; readonly job: string };
