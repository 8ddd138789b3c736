import { type ErrorCode, errors, LikewiseError } from '../errors.ts';

/** An error of the table as plain data: what crosses a border between processes, or is kept. */
export interface ErrorData {
  readonly code: string;
  /** What the user reads. */
  readonly message: string;
  readonly details: Record<string, string | number>;
}

export function errorData({ code, message, details }: LikewiseError): ErrorData {
  return { code, message, details: { ...details } };
}

/** The error again; undefined for a code that is not in this version's table. */
export function errorFrom({
  code,
  details,
}: Omit<ErrorData, 'message'>): LikewiseError | undefined {
  if (!Object.hasOwn(errors, code)) return undefined;
  return new LikewiseError(code as ErrorCode, details as never);
}
