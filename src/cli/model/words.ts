import { parseArgs } from 'node:util';
import { LikewiseError } from '../../errors.ts';

/**
 * Reads `NAME VALUE` options and words.
 * @throws LikewiseError `USAGE`
 */
export function readOptions<Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): { values: Partial<Record<Name, string>>; words: string[] } {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const empty = names.find((name) => values[name] === '');
    if (empty !== undefined) throw new TypeError(`--${empty} is empty`);
    return { values: values as Partial<Record<Name, string>>, words: positionals };
  } catch (cause) {
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrongUse(problem, cause);
  }
}

export function wrongUse(problem: string, cause?: unknown): LikewiseError {
  return new LikewiseError('USAGE', { problem }, { cause });
}

/** Bytes for people: `27 MB`, `3.4 GB`. */
export function inMegabytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Seconds for people. */
export function inSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

/** 0.0012 -> `0.12 %`. */
export function inPercent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : 'wholly';
}
