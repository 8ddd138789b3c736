const EPOCH = 1_420_070_400_000n;
let count = 0n;

/** An id as Discord makes them: later ones are greater, and the time can be read from it. */
export function snowflake(): string {
  count = (count + 1n) & 0xfffn;
  return (((BigInt(Date.now()) - EPOCH) << 22n) | count).toString();
}
