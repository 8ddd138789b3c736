/**
 * A process that does analogies on order. ONNX Runtime blocks the thread it runs on, so the parent
 * stays free to show progress and to be interrupted; and a worker that dies takes nothing along.
 */

import { loadModel } from '../../src/engine/models/index.ts';
import { type ErrorData, errorData } from '../../src/errors/data.ts';
import { isLikewiseError, LikewiseError } from '../../src/errors.ts';
import { SIZE } from '../../training/avatars/avatar.ts';
import { createOurs } from './methods/ours.ts';
import type { Plan } from './plan.ts';
import type { AnalogyRecord } from './record.ts';
import { methodsOf, runOne } from './run-one.ts';

export type Order =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'analogy'; readonly index: number };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly record: AnalogyRecord }
  | {
      readonly kind: 'failed';
      readonly index?: number;
      readonly message: string;
      /** Where it is the user's to mend: the error's place in the table. */
      readonly mendable?: ErrorData;
    };

const tell = (answer: Answer) => process.send?.(answer);
let job: ((index: number) => Promise<AnalogyRecord>) | undefined;

process.on('message', (order: Order) => {
  const index = order.kind === 'analogy' ? { index: order.index } : {};
  handle(order).catch((error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({
      kind: 'failed',
      ...index,
      message,
      ...(isLikewiseError(error) && { mendable: errorData(error) }),
    });
  });
});
// The parent decides when an interrupt ends the work; without a parent there is nothing to do.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());

async function handle(order: Order): Promise<void> {
  if (order.kind === 'plan') {
    const { plan } = order;
    const model = await loadModel(plan.model, { threads: plan.threads });
    const { height, width } = model.image;
    if (height !== SIZE || width !== SIZE) {
      const reason = `its pictures are ${width} x ${height}, the analogies ${SIZE} x ${SIZE}`;
      throw new LikewiseError('MODEL_UNUSABLE', { path: plan.model, reason });
    }
    const ours = createOurs(model, plan);
    const methods = methodsOf(plan, model, ours);
    job = (index) => runOne(plan, index, methods, ours);
    tell({ kind: 'ready' });
  } else if (job) {
    tell({ kind: 'done', record: await job(order.index) });
  }
}
