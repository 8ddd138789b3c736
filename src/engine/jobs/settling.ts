import type { Gate } from './gate.ts';
import type { Inversions } from './inversions.ts';
import type { LiveJobs } from './live.ts';
import { within } from './within.ts';

export interface SettlingOptions {
  readonly gate: Pick<Gate, 'still'>;
  readonly inversions: Pick<Inversions, 'abort' | 'saveAll'>;
  readonly jobs: Pick<LiveJobs, 'all'>;
  readonly onWarning: (what: string, error: unknown) => void;
}

/** Milliseconds after which a step is stopped on the way out, and after which it is left behind. */
const [abortMs, leaveMs] = [1500, 3000];

/** On the way out: lets what is on the device come to an end, or stops it, and saves what runs. */
export async function settleDown(options: SettlingOptions): Promise<void> {
  const { gate, inversions, jobs, onWarning } = options;
  const slow = setTimeout(() => {
    const reason = new Error('the engine stops');
    inversions.abort(reason);
    for (const job of jobs.all()) job.ending.abort(reason);
  }, abortMs);
  await within(leaveMs, gate.still());
  clearTimeout(slow);
  await within(leaveMs / 3, inversions.saveAll()).catch((error) =>
    onWarning('a checkpoint could not be saved on the way out', error),
  );
}
