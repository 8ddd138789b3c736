/** What is accepted, how far it is, how it ended: on the disk. */
export type {
  Checkpoint,
  JobRecord,
  Journal,
  NewJob,
  Outcome,
  Recovery,
  TerminalState,
  Usage,
} from './port.ts';
export { openJournal } from './sqlite.ts';
