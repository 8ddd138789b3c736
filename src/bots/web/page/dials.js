/**
 * @file The two live sliders. One request is in flight; of all positions that come meanwhile only the
 * last is asked for. While one drags, the request in flight may finish, so that something is seen to
 * move; once the slider is let go, it is cancelled for the final position.
 */

/**
 * @template Position
 * @param {object} options
 * @param {(position: Position, signal: AbortSignal) => Promise<void>} options.render
 * @param {(error: unknown) => void} options.failed
 * @param {(busy: boolean) => void} [options.busy]
 */
export function lastWins({ render, failed, busy }) {
  /** @type {{position: Position} | undefined} */
  let next;
  /** @type {{position: Position, stop: AbortController} | undefined} */
  let flying;

  const run = async () => {
    busy?.(true);
    while (next) {
      const { position } = next;
      next = undefined;
      const stop = new AbortController();
      flying = { position, stop };
      try {
        await render(position, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) failed(error);
      }
      flying = undefined;
    }
    busy?.(false);
  };
  /** @param {Position} position */
  const want = (position) => {
    next = { position };
    if (!flying) void run();
  };
  return {
    /** The slider is on its way. @param {Position} position */
    drag: want,
    /** The slider was let go. @param {Position} position @param {(a: Position, b: Position) => boolean} isSame */
    release(position, isSame) {
      if (flying && isSame(flying.position, position)) {
        next = undefined;
        return;
      }
      flying?.stop.abort();
      want(position);
    },
    stop() {
      next = undefined;
      flying?.stop.abort();
    },
  };
}
