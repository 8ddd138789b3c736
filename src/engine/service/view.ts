import { errorFrom } from '../../errors/data.ts';
import type { JobEvent as Happened, JobRecord, Task } from '../jobs/index.ts';
import type { Job, JobEvent, JobRequest, JobResult } from '../protocol.ts';
import { inputOf } from './requests.ts';

/** A job as others see it. @param latest what happened to it last */
export function jobOf(record: JobRecord, latest: Happened | undefined): Job {
  const { id, owner, state, request, acceptedAt, tasks } = record;
  const event = latest && createView(tasks, () => undefined)(latest);
  return {
    job: id,
    user: owner.user,
    state,
    request: request as unknown as JobRequest,
    submittedAt: acceptedAt,
    ...(event && { latest: event }),
  };
}

/**
 * Turns what the queue says into what goes over the border, for one follower of one job.
 * @param keep keeps a preview; its id, or undefined where it is not wanted
 */
export function createView(
  tasks: readonly Task[],
  keep: (picture: Uint8Array) => string | undefined,
): (event: Happened) => JobEvent | undefined {
  let progress: Extract<JobEvent, { kind: 'progress' }> | undefined;
  return (event) => {
    if (event.kind === 'waiting') {
      const { id, kind, position, eta } = event;
      return { id, kind, position, ...(eta !== undefined && { eta }) };
    }
    if (event.kind === 'progress') {
      const { id, kind, task, phase, step, steps, loss, fraction, eta } = event;
      const input = tasks[task] && inputOf(tasks[task]);
      const role = input && 'role' in input ? input.role : undefined;
      progress = {
        id,
        kind,
        phase: phase.startsWith('render') ? 'render' : phase,
        step,
        steps,
        fraction,
        ...(role && { role }),
        ...(loss !== undefined && { loss }),
        ...(eta !== undefined && { eta }),
      };
      return progress;
    }
    if (event.kind === 'preview') {
      // Without progress there is nothing that it would show.
      const preview = progress && keep(event.picture);
      return progress && preview !== undefined ? { ...progress, id: event.id, preview } : undefined;
    }
    if (event.kind === 'done') {
      const { id, kind, results } = event;
      return { id, kind, result: results.at(-1) as unknown as JobResult };
    }
    if (event.kind === 'failed') {
      const { id, kind, problem } = event;
      // By the table of this version, whichever wrote it down.
      const known = errorFrom(problem);
      return { id, kind, problem: known ? { ...problem, message: known.message } : problem };
    }
    return { id: event.id, kind: 'cancelled' };
  };
}
