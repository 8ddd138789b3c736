/** How even shares are: 1 where all have the same, 1/n where one of n has all (Jain's index). */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((a, b) => a + b, 0);
  const squares = shares.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares);
}

/** How many have been served when everybody was for the first time; undefined where somebody never is. */
export function servicesUntilAll(served: readonly string[], users: number): number | undefined {
  const seen = new Set<string>();
  for (const [index, user] of served.entries()) {
    seen.add(user);
    if (seen.size === users) return index + 1;
  }
  return undefined;
}
