import { isLast, type Job, type JobRequestInput } from '../engine/protocol.ts';
import { LikewiseError } from '../errors.ts';
import type { Context, ProgressView, View } from './port.ts';
import { formatPress } from './press.ts';
import { errorOf, problemView } from './problem.ts';
import { ownerOf, type Room } from './room.ts';
import type { Turn } from './running.ts';
import { progressView, resultView, type Telling } from './views.ts';

/** @throws LikewiseError `CELLS_TOO_MANY` by the tenant's settings, and what `Engine.submit` throws */
export async function submit(
  room: Room,
  context: Context,
  telling: Telling,
  request: JobRequestInput,
): Promise<Job> {
  const { lambda, guidance } = request.dials;
  const cells = lambda.length * guidance.length;
  const limit = telling.settings.maxCells;
  if (cells > limit) throw new LikewiseError('CELLS_TOO_MANY', { cells, limit });
  return room.engine.submit(ownerOf(context), context.interaction, request);
}

/** Tells of a job until it is over. The engine may be away for a while in between. */
export async function* tell(
  room: Room,
  context: Context,
  telling: Telling,
  job: Job,
  turn?: Turn,
): AsyncGenerator<View, void, undefined> {
  const owner = ownerOf(context);
  const { texts, settings } = telling;
  const latest = job.latest;
  const known = latest?.kind === 'waiting' || latest?.kind === 'progress' ? latest : undefined;
  const isOver = job.state !== 'waiting' && job.state !== 'running';
  let view: ProgressView | undefined;
  let isTold = false;
  const unfollow = room.running.follow(job.job);
  try {
    if (!isOver) {
      view = progressView(telling, job.job, known);
      yield view;
    }
    for await (const event of room.engine.follow(owner, job.job, { signal: context.signal })) {
      isTold = isLast(event);
      if (event.kind === 'done') {
        yield resultView(telling, job, event.result);
      } else if (event.kind === 'failed') {
        yield problemView(errorOf(event.problem), { texts, log: room.log });
      } else if (event.kind === 'cancelled') {
        const replaced = room.running.wasReplaced(job.job);
        yield {
          kind: 'cancelled',
          job: job.job,
          text: texts.cancelled,
          replaced,
          buttons: [],
          private: settings.privateReplies,
        };
      } else {
        view = progressView(telling, job.job, event, view);
        yield view;
      }
    }
  } catch (error) {
    if (context.signal.aborted) return;
    // The job goes on, or its end is kept: it can be looked at again.
    const numbers: number[] = [];
    const id = formatPress({ action: 'show', ref: job.job, numbers });
    const again = { id, label: texts.buttons.show, style: 'plain' as const };
    yield problemView(error, { texts, log: room.log, pressed: true, buttons: [[again]] });
  } finally {
    unfollow();
    // Whoever stops listening leaves a job that runs: the next press is to cancel it.
    if (isTold || !context.signal.aborted) turn?.end();
  }
}
