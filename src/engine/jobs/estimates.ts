import type { StepReport, Task } from './port.ts';

/** How long things take, learnt from how long they took. Seconds; undefined before anything is known. */
export interface Estimates {
  /** One step of an inversion, or its beginning. */
  stepped(label: string, seconds: number): void;
  /** An inversion took that many steps. */
  inverted(label: string, steps: number): void;
  rendered(label: string, seconds: number): void;
  /** What is left of a task. @param report where it stands, if it has begun */
  left(task: Task, report?: StepReport): number | undefined;
  /** What is left of all these; those that nothing is known of count as the mean of the others. */
  sum(tasks: readonly Task[], report?: StepReport): number | undefined;
  jobTook(seconds: number): void;
  /** Of a job as they have been. */
  readonly job: number | undefined;
}

/** How much the latest counts against all before it. */
const weight = 0.2;

export function createEstimates(): Estimates {
  const unit = new Map<string, number>();
  const steps = new Map<string, number>();
  let job: number | undefined;
  const learn = (map: Map<string, number>, label: string, value: number) => {
    map.set(label, mean(map.get(label), value));
  };

  const left = (task: Task, report?: StepReport): number | undefined => {
    const one = unit.get(task.label);
    if (one === undefined || task.class === 'render') return one;
    const all = steps.get(task.label) ?? report?.steps;
    if (all === undefined) return undefined;
    // An inversion may stop early, or go on for longer than others did.
    return one * Math.max(1, Math.min(all, report?.steps ?? all) - (report?.step ?? 0));
  };

  return {
    stepped: (label, seconds) => learn(unit, label, seconds),
    inverted: (label, count) => learn(steps, label, count),
    rendered: (label, seconds) => learn(unit, label, seconds),
    left,
    sum(tasks, report) {
      if (tasks.length === 0) return 0;
      const known = tasks
        .map((task, index) => left(task, index === 0 ? report : undefined))
        .filter((seconds) => seconds !== undefined);
      if (known.length === 0) return undefined;
      return (known.reduce((a, b) => a + b, 0) * tasks.length) / known.length;
    },
    jobTook(seconds) {
      job = mean(job, seconds);
    },
    get job() {
      return job;
    },
  };
}

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + weight * (value - before);
}
