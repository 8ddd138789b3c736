import { fakeEngine } from '../../commands/fake-engine.ts';

/** The engine without a model, whose jobs can be looked at while they are drawn. */
export function steppedEngine() {
  const engine = fakeEngine();
  const { follow } = engine;
  let gate: PromiseWithResolvers<void> | undefined;
  engine.follow = async function* (owner, id, options = {}) {
    const { signal } = options;
    for await (const event of follow(owner, id, options)) {
      yield event;
      if (event.kind !== 'progress' || event.preview === undefined || !gate) continue;
      const ended = new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
      await Promise.race([gate.promise, ended]);
    }
  };
  return Object.assign(engine, {
    /** Jobs stop at their first preview. */
    pause() {
      gate = Promise.withResolvers();
    },
    proceed() {
      gate?.resolve();
      gate = undefined;
    },
  });
}
