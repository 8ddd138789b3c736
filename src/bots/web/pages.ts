import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The page's files, as they are. They are read once: what is not among them has no address.
 * @returns the answer for a path; undefined where there is no such file
 */
export function readPage(): (path: string) => Response | undefined {
  const folder = fileURLToPath(new URL('./page', import.meta.url));
  const files = new Map<string, { type: string; bytes: Uint8Array<ArrayBuffer> }>();
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)];
    if (!type) continue;
    const path = name === 'index.html' ? '/' : `/${name}`;
    files.set(path, { type, bytes: new Uint8Array(readFileSync(`${folder}/${name}`)) });
  }
  return (path) => {
    const file = files.get(path);
    return (
      file &&
      new Response(file.bytes, {
        headers: { 'content-type': file.type, 'cache-control': 'no-cache' },
      })
    );
  };
}
