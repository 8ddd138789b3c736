/**
 * Discord's mark for a time, which each reader sees in their own language, e.g. `in 20 seconds`.
 * @param now milliseconds since 1970
 */
export function relativeTime(now: number, seconds: number): string {
  return `<t:${Math.round(now / 1000 + Math.max(0, seconds))}:R>`;
}
