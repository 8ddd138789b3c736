import type { RecordedRequest } from './shapes.ts';

/** Milliseconds. */
const POLL = 25;

/** Waits for things that come of requests; `changed` says that something did. */
export function createWaiting(requests: readonly RecordedRequest[]) {
  const listeners = new Set<() => void>();

  return {
    /** Looks now, and whenever something changes, until there is something. */
    wait<T>(look: () => T | undefined | false, within: number, what: string): Promise<T> {
      const now = look();
      if (now !== undefined && now !== false) return Promise.resolve(now);
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const end = (settle: () => void) => {
        listeners.delete(listener);
        clearTimeout(timer);
        clearInterval(poll);
        settle();
      };
      const timer = setTimeout(() => {
        const last = requests
          .slice(-5)
          .map((one) => `${one.method} ${one.error ?? (one.ok === true ? 'ok' : one.status)}`);
        const error = new Error(
          `${what} did not come within ${within} ms. Last: ${last.join('; ')}`,
        );
        end(() => reject(error));
      }, within);
      function listener() {
        try {
          const found = look();
          if (found !== undefined && found !== false) end(() => resolve(found));
        } catch (error) {
          end(() => reject(error));
        }
      }
      // What is waited for may be the bot's own doing, of which Slack hears nothing.
      const poll = setInterval(listener, POLL);
      listeners.add(listener);
      return promise;
    },
    changed(): void {
      for (const listener of [...listeners]) listener();
    },
  };
}

export type Wait = ReturnType<typeof createWaiting>['wait'];
