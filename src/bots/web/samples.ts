import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pictures to try it with. */
export interface Samples {
  readonly list: readonly {
    readonly role: 'a' | 'aPrime' | 'b';
    readonly title: string;
    readonly url: string;
  }[];
  answer(name: string): Response;
}

const pictures = [
  { role: 'a', name: 'plain.png', title: 'a face' },
  { role: 'aPrime', name: 'with-glasses.png', title: 'the same face with glasses' },
  { role: 'b', name: 'friend.png', title: 'another face' },
] as const;

/** @param folder with the project's samples; read at once, so that later requests name no path */
export function readSamples(folder: string): Samples {
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name } of pictures) {
    try {
      bytes.set(name, new Uint8Array(readFileSync(join(folder, name))));
    } catch {
      // Without them, there is nothing to try: the page says nothing of samples then.
    }
  }
  const there = bytes.size === pictures.length ? pictures : [];
  return {
    list: there.map(({ role, title, name }) => ({ role, title, url: `/api/samples/${name}` })),
    answer(name) {
      const found = bytes.get(name);
      if (!found) return new Response('There is no such sample.', { status: 404 });
      return new Response(found, {
        headers: { 'content-type': 'image/png', 'cache-control': 'private, max-age=3600' },
      });
    },
  };
}
