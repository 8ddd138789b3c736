import type { LazyFile } from '../commands/port.ts';

/** A file that is in memory already, so that it outlasts its address. */
export function heldFile(name: string, bytes: Uint8Array): LazyFile {
  return { name, size: bytes.length, fetch: async () => bytes };
}

/** Reads all of it. @throws as `fetch` of it does */
export async function bytesOf(file: LazyFile, signal: AbortSignal): Promise<Uint8Array> {
  const source = await file.fetch(signal);
  if (source instanceof Uint8Array) return source;
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

/** No more than a little above a limit, whatever is sent. */
export async function* capped(
  body: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const part of body) {
    length += part.length;
    // One byte more is passed on, so that whoever counts says by how much it is too large.
    yield part;
    if (length > most) return;
  }
}
