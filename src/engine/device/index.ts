/** What owns the model: steps of inversions and renders, in a thread of its own. */
export { localDevice } from './local.ts';
export type {
  BeginOptions,
  Device,
  DeviceModel,
  InversionOrder,
  RenderOrder,
  Running,
  StepReport,
  SuggestOrder,
  TaskId,
} from './port.ts';
export { type DeviceSettings, openDevice, type ThreadDevice } from './thread.ts';
export { type Threads, watchThreads } from './threads.ts';
