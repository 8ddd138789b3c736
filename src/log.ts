/** The log of a process, which no secret gets into. */
export {
  createLogger,
  type Level,
  type Log,
  type LogMethod,
  type LogOptions,
  type LogStream,
  levels,
} from './log/index.ts';
