import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks somebody who may be busy: waits for so many milliseconds, and then answers with what was last
 * known. One question is under way at a time. An answer that failed is forgotten.
 *
 * @returns undefined where nothing was ever answered
 */
export function latest<T>(ask: () => Promise<T>, ms: number): () => Promise<T | undefined> {
  let known: T | undefined;
  let asked: Promise<void> | undefined;
  return async () => {
    asked ??= ask().then(
      (answer) => {
        [known, asked] = [answer, undefined];
      },
      () => {
        [known, asked] = [undefined, undefined];
      },
    );
    const enough = new AbortController();
    await Promise.race([asked, sleep(ms, undefined, { signal: enough.signal }).catch(() => {})]);
    enough.abort();
    return known;
  };
}
