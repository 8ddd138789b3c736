/** How many there are, the middle one, and the largest of the smallest 99 %; by nearest rank. */
export function summary(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => round(sorted[Math.ceil(q * sorted.length) - 1] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** To one decimal. */
export function round(value: number): number {
  return Number(value.toFixed(1));
}
