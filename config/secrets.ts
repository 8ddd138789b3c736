import type { Config } from './schema.ts';
import { leaves } from './settings.ts';

/**
 * What of the settings nobody may read in a log: settings that are tokens, secrets or passwords by
 * their name, and what stands before the `@` of an address, as it is written and as it is meant.
 */
export function secretsOf(config: Config): string[] {
  const secrets = leaves(config).flatMap(([path, value]) => {
    if (typeof value !== 'string') return [];
    if (/(?:token|secret|password)$/i.test(path.at(-1) ?? '')) return [value];
    return passwordsOf(value);
  });
  return [...new Set(secrets)].filter((secret) => secret !== '');
}

function passwordsOf(address: string): string[] {
  const written = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*?:([^/?#]*)@/i.exec(address)?.[1];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
