import { createHash } from 'node:crypto';
import { CorruptRecordError, type Packable, pack, unpack } from '../../../cache/index.ts';
import type { JobState, Owner, Problem } from '../../protocol.ts';
import type { Task } from '../port.ts';
import type { Checkpoint, JobRecord } from './port.ts';

export type Row = Record<string, unknown>;

/** Of a row of `jobs` and its rows of `parts`. */
export function jobOf(row: Row, parts: readonly Row[]): JobRecord {
  return {
    id: String(row.id),
    owner: { tenant: String(row.tenant), user: String(row.user) },
    key: String(row.key),
    state: row.state as JobState,
    tasks: (whole(row.tasks) ?? []) as unknown as readonly Task[],
    request: whole(row.request),
    order: Number(row.place),
    acceptedAt: Number(row.accepted_at),
    endedAt: row.ended_at === null ? undefined : Number(row.ended_at),
    crashes: Number(row.crashes),
    parts: new Map(
      parts
        .map(({ task, value }) => [Number(task), whole(value)] as const)
        .filter(([, value]) => value !== undefined),
    ),
    problem: row.problem === null ? undefined : (JSON.parse(String(row.problem)) as Problem),
  };
}

export function packTasks(tasks: readonly Task[]): Uint8Array {
  return pack(tasks.map((task) => ({ ...task })));
}

/** With a checksum over all of it. */
export function packCheckpoint({ step, state }: Checkpoint): Uint8Array {
  return pack({ step, state });
}

/** Undefined where a bit of it has changed. */
export function checkpointOf(bytes: Uint8Array): Checkpoint | undefined {
  return whole(bytes) as unknown as Checkpoint | undefined;
}

/** What was packed; undefined where a bit of it has changed. */
function whole(bytes: unknown): Packable | undefined {
  try {
    return unpack(bytes as Uint8Array);
  } catch (error) {
    if (error instanceof CorruptRecordError) return undefined;
    throw error;
  }
}

export function packPart(value: Packable): Uint8Array {
  return pack(value);
}

/** Stands for an owner, or for a tenant, where no name is to be kept. */
export function digestOf(owner: Owner | string): string {
  const name = typeof owner === 'string' ? [owner] : [owner.tenant, owner.user];
  return createHash('sha256').update(JSON.stringify(name)).digest('hex');
}
