import { pino } from 'pino';
import { plain } from './plain.ts';
import { readable } from './readable.ts';
import { createScrubber } from './scrubber.ts';

export const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type Level = (typeof levels)[number];

/** A message; with fields before it, which may be an error, or hold one as `err`. */
export interface LogMethod {
  (message: string): void;
  (fields: object, message?: string): void;
}

export interface Log {
  readonly fatal: LogMethod;
  readonly error: LogMethod;
  readonly warn: LogMethod;
  readonly info: LogMethod;
  readonly debug: LogMethod;
  readonly trace: LogMethod;
  /** A log whose lines all carry these fields. */
  child(fields: Record<string, unknown>): Log;
}

/** Where finished lines go. */
export interface LogStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface LogOptions {
  readonly level: Level;
  /** What no line may hold, in whatever form; those of fewer than 4 characters are not looked for. */
  readonly secrets: readonly string[];
  /** @default stdout */
  readonly stream?: LogStream;
}

/**
 * A log in lines of JSON, or in plain lines where the stream is a terminal. The last that happens to a
 * line is that its secrets are replaced by `[secret]`, those that are known and those that look
 * or are named like one.
 */
export function createLogger({ level, secrets, stream = process.stdout }: LogOptions): Log {
  const scrubber = createScrubber(secrets);
  const fields = (object: object): Record<string, unknown> => {
    const data = plain(object);
    return typeof data === 'object' ? (data as Record<string, unknown>) : { value: data };
  };
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: fields,
        bindings: fields,
      },
      // Errors are plain by then, with their causes.
      serializers: { err: (err: unknown) => err },
    },
    {
      write(line) {
        const clean = scrubber.line(line);
        stream.write(stream.isTTY ? readable(clean.fields) : `${clean.json}\n`);
      },
    },
  );
}
