/** Stands in for a worker: answers at once, fails at one index, hangs or dies at others. */
import type { Answer, Order } from '../../bench/quality/worker.ts';

const tell = (answer: Answer) => process.send?.(answer);
let failAt = -1;

process.on('message', (order: Order) => {
  if (order.kind === 'plan') {
    failAt = order.plan.seed;
    tell({ kind: 'ready' });
  } else if (order.index === 666) process.exit(6);
  else if (order.index === failAt) {
    tell({ kind: 'failed', index: order.index, message: 'the stub fails' });
  } else if (order.index < 1000) tell({ kind: 'done', record: { index: order.index } as never });
});
process.on('disconnect', () => process.exit());
