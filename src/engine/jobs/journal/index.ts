/** What is accepted, how far it is, how it ended: on the disk. */
export type {
  Checkpoint,
  JobRecord,
  JobState,
  Journal,
  NewJob,
  Outcome,
  Problem,
  Recovery,
  TerminalState,
  Usage,
} from './port.ts';
export { jobStates } from './port.ts';
export { openJournal } from './sqlite.ts';
