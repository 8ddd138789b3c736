/** The results so far, one JSON line an analogy: a run that was killed goes on where it stopped. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { canonicalJson, type Packable } from '../../src/cache/index.ts';
import { LikewiseError } from '../../src/errors.ts';

export interface Journal<Line> {
  /** What was there when it was opened, and what has been added since. */
  readonly lines: readonly Line[];
  /** Adds a line and has it on disk before it returns. */
  append(line: Line): void;
}

/**
 * Opens `path`, or begins it. Its first line says what the results are results of; a file with
 * another first line is never mixed with this run's.
 *
 * @param settings everything that the results depend on
 * @throws LikewiseError `USAGE` where the file belongs to a run with other settings
 */
export function openJournal<Line>(
  path: string,
  settings: Packable,
  options: { fresh?: boolean } = {},
): Journal<Line> {
  if (options.fresh) rmSync(path, { force: true });
  const header = canonicalJson({ settings });
  const lines: Line[] = [];
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [first, ...rest] = whole.split('\n').slice(0, -1);
    if (first !== undefined && first !== header) {
      const problem = `"${path}" has results of other settings or of another model: add --fresh to begin anew, or name another --report`;
      throw new LikewiseError('USAGE', { problem });
    }
    // Killed while writing: half a line is no result.
    if (whole.length < text.length) writeFileSync(path, whole);
    for (const line of rest) lines.push(JSON.parse(line) as Line);
    if (first === undefined) writeFileSync(path, `${header}\n`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${header}\n`);
  }
  return {
    lines,
    append(line) {
      appendFileSync(path, `${JSON.stringify(line)}\n`, { flush: true });
      lines.push(line);
    },
  };
}
