import type { commandErrors } from '../errors/commands.ts';
import { type ErrorDetails, LikewiseError } from '../errors.ts';

/** A command's own no, with a code of the table. */
export function refuse<Code extends keyof typeof commandErrors>(
  code: Code,
  details: ErrorDetails<Code>,
): LikewiseError<Code> {
  return new LikewiseError(code, details);
}
