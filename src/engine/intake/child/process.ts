import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { LikewiseError } from '../../../errors.ts';
import { type Frame, type FrameLimits, frameOf, frameReader } from './frames.ts';

/** A process that answers one frame with one frame. */
export interface Child {
  readonly pid: number;
  /** The next frame that it sends. Rejects when it ends before, or sends what is no frame. */
  next(limits: FrameLimits): Promise<Frame>;
  send(header: unknown, body: Uint8Array): void;
  /** Most memory that it has held at once so far, in bytes; undefined where no /proc tells. */
  peakBytes(): number | undefined;
  kill(): void;
  /** Settles when it has ended, with how, and with the last that it said on stderr. */
  readonly ended: Promise<string>;
}

export interface ChildOptions {
  /** The program: a module that talks frames on file descriptor 3. */
  readonly program: URL;
  /** Most MB of memory. */
  readonly megabytes: number;
}

const shell = '/bin/sh';

/**
 * What Node reserves for itself, used or not, in MB. The limit below counts what is reserved; the
 * one that decides is the watch over what is used, and this is the wall behind it.
 */
const reserved = 1024;

/**
 * Starts a program in a process of its own, with nothing of this one's: an empty environment (it
 * may hold secrets), no open files, `/` as its folder, no core files, which would hold pictures.
 *
 * @throws LikewiseError `INTAKE_UNUSABLE` where the system has no room for another process
 */
export function startChild({ program, megabytes }: ChildOptions): Child {
  const node = [process.execPath, '--max-old-space-size=64', fileURLToPath(program)];
  // In units of 1024 bytes.
  const size = Math.ceil(((megabytes + reserved) * 1e6) / 1024);
  const limited = `ulimit -c 0; ulimit -d ${size}; exec "$@"`;
  // Node cannot set limits of a process; a shell can, and then becomes the program.
  const [command, ...args] = existsSync(shell) ? [shell, '-c', limited, shell, ...node] : node;
  try {
    const child = spawn(command as string, args, {
      cwd: '/',
      // One heap for all threads: with more of them, memory that was freed stays with the process.
      env: { MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    return childOf(child);
  } catch (cause) {
    throw new LikewiseError('INTAKE_UNUSABLE', { reason: (cause as Error).message }, { cause });
  }
}

function childOf(child: ChildProcess): Child {
  // Absent where it could not even be started, which `error` tells.
  const pipe = child.stdio?.[3] as Duplex | undefined;
  const ended = Promise.withResolvers<string>();
  let stderr = '';
  let end: string | undefined;
  let waiting: { limits: FrameLimits; answer: PromiseWithResolvers<Frame> } | undefined;

  const settle = (how: string) => {
    end ??= stderr === '' ? how : `${how}: ${stderr.trim()}`;
    waiting?.answer.reject(new Error(end));
    waiting = undefined;
    ended.resolve(end);
  };
  const kill = () => void child.kill('SIGKILL');
  child.on('error', (error) => settle(error.message));
  child.on('close', (code, signal) => settle(signal ? `ended by ${signal}` : `status ${code}`));
  child.stderr?.on('data', (text) => {
    stderr = (stderr + text).slice(-2000);
  });

  const none: FrameLimits = { header: 0, body: 0 };
  const read = frameReader(
    () => waiting?.limits ?? none,
    (frame) => {
      waiting?.answer.resolve(frame);
      waiting = undefined;
    },
  );
  pipe?.on('data', (piece) => {
    try {
      read(piece);
    } catch (error) {
      stderr = `it sent what was not asked for (${(error as Error).message})`;
      pipe?.destroy();
      kill();
    }
  });
  // A pipe breaks when its process ends, which is told by `close`.
  pipe?.on('error', () => {});

  return {
    pid: child.pid ?? 0,
    next(limits) {
      if (end !== undefined) return Promise.reject(new Error(end));
      waiting = { limits, answer: Promise.withResolvers<Frame>() };
      return waiting.answer.promise;
    },
    send(header, body) {
      for (const part of frameOf(header, body)) pipe?.write(part);
    },
    peakBytes: () => (child.pid === undefined ? undefined : peakBytes(child.pid)),
    kill,
    ended: ended.promise,
  };
}

/** Most memory that a running process has held, in bytes; undefined where the system does not tell. */
export function peakBytes(pid: number): number | undefined {
  try {
    const found = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found?.[1] === undefined ? undefined : Number(found[1]) * 1024;
  } catch {
    return undefined;
  }
}
