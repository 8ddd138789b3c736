import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The bearer token of an engine's folder: the one that is set, or the one that is kept there, which is
 * made at the first start. Only the folder's owner can read it.
 * @param set what the settings say; empty for none
 */
export function engineToken(folder: string, set: string): string {
  if (set !== '') return set;
  const path = join(folder, 'token');
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept !== '') return kept;
  }
  const token = randomBytes(32).toString('base64url');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // As a whole or not at all: whoever reads it meanwhile finds no half of it.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${token}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return token;
}
