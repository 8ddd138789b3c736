import type { RecordedRequest } from './shapes.ts';

/** Waits for things that come of requests; `changed` says that something did. */
export function createWaiting(requests: readonly RecordedRequest[]) {
  const listeners = new Set<() => void>();

  /** Looks now, and whenever something changes, until there is something. */
  function wait<T>(look: () => T | undefined, within: number, what: string): Promise<T> {
    const now = look();
    if (now !== undefined) return Promise.resolve(now);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      listeners.delete(listener);
      const last = requests.slice(-4).map((one) => `${one.method} ${one.path} ${one.status}`);
      reject(new Error(`${what} did not come within ${within} ms. Last: ${last.join('; ')}`));
    }, within);
    function listener() {
      const found = look();
      if (found === undefined) return;
      listeners.delete(listener);
      clearTimeout(timer);
      resolve(found);
    }
    listeners.add(listener);
    return promise;
  }

  return {
    wait,
    changed(): void {
      for (const listener of [...listeners]) listener();
    },
  };
}

export type Wait = ReturnType<typeof createWaiting>['wait'];
