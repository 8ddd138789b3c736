/** Time, so that it can be another one in tests and simulations. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back every so many milliseconds. @returns what ends it */
  every(milliseconds: number, callback: () => void): () => void;
}

/** The system's; its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  every(milliseconds, callback) {
    const timer = setInterval(callback, milliseconds).unref();
    return () => clearInterval(timer);
  },
};

export const dayMs = 86_400_000;

/** Days since 1970, UTC: what is counted by the day begins anew at its midnight. */
export function dayOf(milliseconds: number): number {
  return Math.floor(milliseconds / dayMs);
}

/** Whole seconds until the next day, UTC. */
export function secondsToNextDay(milliseconds: number): number {
  return Math.ceil(((dayOf(milliseconds) + 1) * dayMs - milliseconds) / 1000);
}
