import type { commandErrors } from '../../errors/commands.ts';
import type { ErrorCode } from '../../errors.ts';

/** The errors that a member reads as the table has them: it is theirs to mend them. */
export type MemberCode = Exclude<
  Extract<
    ErrorCode,
    | `PICTURE_${string}`
    | `ANALOGY_${string}`
    | `LIMIT_${string}`
    | `LIBRARY_${string}`
    | `CELLS_${string}`
    | `JOB_${string}`
    | `FILE_${string}`
    | 'INVERSION_GONE'
    | 'ENGINE_STOPPING'
    | 'INTAKE_BUSY'
    | keyof typeof commandErrors
  >,
  'PICTURE_MISSING' | 'JOB_FAILED'
>;

/** An entry of the table in another language: what happened, and what to do next. */
export interface ErrorText {
  readonly what: string;
  readonly todo: string;
}
export type MemberErrors = Readonly<Partial<Record<MemberCode, ErrorText>>>;
/** Of a language: none is left out. */
export type AllMemberErrors = Readonly<Record<MemberCode, ErrorText>>;
