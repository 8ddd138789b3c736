import { createHash } from 'node:crypto';
import type { Packable } from '../../cache/index.ts';
import type { Task } from '../jobs/index.ts';
import type { JobRequest } from '../protocol.ts';

/** Whose picture is worked on. */
export type Role = 'A' | "A'" | 'B';

/** An inversion as a task: what it reads of those before it is said by their place among them. */
export type InversionInput = {
  readonly role: Role;
  /** Id of the picture. */
  readonly picture: string;
} & (
  | {
      readonly kind: 'tokens' /** A's tokens, where the picture is A'. */;
      readonly reference?: number;
    }
  | { readonly kind: 'noise' /** The same picture's tokens. */; readonly described: number }
);

/** A strength and a guidance. */
export interface Dial {
  readonly lambda: number;
  readonly guidance: number;
}

/** Some of a job's cells; the last such task of a job also makes what is shown of all of them. */
export interface RenderInput {
  readonly kind: 'render';
  readonly request: JobRequest;
  readonly cells: readonly Dial[];
  /** How many cells come before these. */
  readonly first: number;
  readonly isLast: boolean;
}

export type TaskInput = InversionInput | RenderInput;

/** What a task of the journal holds. */
export function inputOf(task: Task): TaskInput {
  return task.input as unknown as TaskInput;
}

/** Every strength at every guidance, in the order in which they are drawn. */
export function cellsOf({ dials: { lambda, guidance } }: JobRequest): Dial[] {
  const strengths = [...new Set(lambda)];
  return [...new Set(guidance)].flatMap((sigma) =>
    strengths.map((strength) => ({ lambda: strength, guidance: sigma })),
  );
}

/** Ids of the pictures that a request names. */
export function picturesOf(request: JobRequest): string[] {
  const pairs = request.kind === 'analogy' ? request.pairs : [];
  return [...new Set([...pairs.flatMap(({ a, aPrime }) => [a, aPrime]), request.b])];
}

/** Ids of the analogies that a request names. */
export function analogiesOf(request: JobRequest): string[] {
  return request.kind === 'analogy' ? [] : request.analogies.map(({ analogy }) => analogy);
}

/**
 * What is to be done for a request: the inversions, unless it is a render alone, then the cells.
 * @param batch most cells of one task: so long do others' renders wait
 */
export function planOf(request: JobRequest, batch: number): Task[] {
  const inversions: InversionInput[] = [];
  if (request.kind === 'analogy') {
    for (const { a, aPrime } of request.pairs) {
      const reference = inversions.length;
      inversions.push({ kind: 'tokens', role: 'A', picture: a });
      inversions.push({ kind: 'tokens', role: "A'", picture: aPrime, reference });
    }
  }
  if (request.kind !== 'render') {
    const described = inversions.length;
    inversions.push({ kind: 'tokens', role: 'B', picture: request.b });
    inversions.push({ kind: 'noise', role: 'B', picture: request.b, described });
  }
  const cells = cellsOf(request);
  const renders: RenderInput[] = [];
  for (let first = 0; first < cells.length; first += batch) {
    const isLast = first + batch >= cells.length;
    const some = cells.slice(first, first + batch);
    renders.push({ kind: 'render', request, cells: some, first, isLast });
  }
  return [
    ...inversions.map((input) => taskOf('inversion', input.kind, input)),
    ...renders.map((input) => taskOf('render', `render ${input.cells.length}`, input)),
  ];
}

function taskOf(kind: Task['class'], label: string, input: TaskInput): Task {
  // Without what is undefined: it is written down, and read again without it.
  return { class: kind, label, input: JSON.parse(JSON.stringify(input)) as Packable };
}

/** Names a job's own things, the same after a crash. */
export const idsOf = (job: string) => ({
  analogy: `e.${job}`,
  cell: (index: number) => `${job}.${index}`,
  grid: `${job}.grid`,
  animation: `${job}.animation`,
});

/** A picture's id: what it shows, and in which shape its owner knows it. */
export function pictureId(parts: readonly (string | number)[]): string {
  return `p${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40)}`;
}
