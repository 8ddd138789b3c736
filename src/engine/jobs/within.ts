/** Settles when `promise` does, but after so many milliseconds in any case. */
export async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
