/** What is looked for in the files of a data folder once it was forgotten. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that nothing else has, as long as asked for. */
export function secret(name: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${name} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** Names of the files of a folder that hold any of these. */
export function holding(folder: string, needles: readonly (Buffer | string)[]): string[] {
  return readdirSync(folder).filter((name) => {
    const bytes = readFileSync(join(folder, name));
    return needles.some((needle) => bytes.includes(needle));
  });
}

/** 16 bytes of each 128: what a page, or the end of one, may still hold. */
export function samples(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil((bytes.length - 16) / 128) }, (_, i) =>
    bytes.subarray(i * 128, i * 128 + 16),
  );
}
