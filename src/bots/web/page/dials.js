/**
 * @file The two live sliders. One request is in flight; of all positions that come meanwhile only the
 * last is asked for. While one drags, the request in flight may finish, so that something is seen to
 * move; once the slider is let go, it is cancelled for the final position, unless it is for that one.
 *
 * What is asked for on the way is not kept by the server. The final position is: it is always asked for
 * as such, even where it was just drawn on the way.
 */

/**
 * @template Position
 * @param {object} options
 * @param {(position: Position, signal: AbortSignal, isFinal: boolean) => Promise<void>} options.render
 * @param {(error: unknown) => void} options.failed
 * @param {(busy: boolean) => void} [options.busy]
 */
export function lastWins({ render, failed, busy }) {
  /** @type {{position: Position, isFinal: boolean} | undefined} */
  let next;
  /** @type {{position: Position, isFinal: boolean, stop: AbortController} | undefined} */
  let flying;

  const run = async () => {
    if (flying || !next) return;
    busy?.(true);
    while (next) {
      const { position, isFinal } = next;
      next = undefined;
      const stop = new AbortController();
      flying = { position, isFinal, stop };
      try {
        await render(position, stop.signal, isFinal);
      } catch (error) {
        if (!stop.signal.aborted) failed(error);
      }
      flying = undefined;
    }
    busy?.(false);
  };
  return {
    /** The slider is on its way. @param {Position} position */
    drag(position) {
      next = { position, isFinal: false };
      // A key moves the slider and lets go of it at once: only the final position is asked for then.
      if (!flying) setTimeout(run);
    },
    /** The slider was let go. @param {Position} position @param {(a: Position, b: Position) => boolean} isSame */
    release(position, isSame) {
      const isThere = flying && isSame(flying.position, position);
      next = isThere && flying?.isFinal ? undefined : { position, isFinal: true };
      if (!isThere) flying?.stop.abort();
      void run();
    },
    stop() {
      next = undefined;
      flying?.stop.abort();
    },
  };
}
