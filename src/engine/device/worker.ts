/** The thread of a device: opens the model that `workerData` names, and does what it is sent. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModel } from '../models/index.ts';
import { localDevice } from './local.ts';
import type { Device } from './port.ts';
import type { DeviceSettings } from './thread.ts';
import { type FromDevice, failureOf, type ToDevice } from './wire.ts';

const port = parentPort;
if (!port) throw new Error('this file runs as a worker thread: see thread.ts');
const tell = (message: FromDevice) => port.postMessage(message);
const warn = (text: string) => tell({ kind: 'warning', text });
const aborts = new Map<number, AbortController>();

try {
  const { model, ...options } = workerData as DeviceSettings;
  const device = localDevice(await loadModel(model, { ...options, warn }));
  port.on('message', (message: ToDevice) => {
    if (message.kind === 'abort') aborts.get(message.id)?.abort();
    else void answer(device, message);
  });
  tell({ kind: 'ready', model: device.model });
} catch (error) {
  tell({ kind: 'unable', failure: failureOf(error) });
}

async function answer(
  device: Device,
  { id, operation, args }: Extract<ToDevice, { kind: 'call' }>,
): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const value = await call(device, operation, args, abort.signal);
    tell({ kind: 'result', id, value });
  } catch (error) {
    tell({ kind: 'failed', id, failure: failureOf(error) });
  } finally {
    aborts.delete(id);
  }
  if (operation === 'close') port?.close();
}

/** Signals stay behind: here a new one takes its place. */
function call(
  device: Device,
  operation: Extract<ToDevice, { kind: 'call' }>['operation'],
  args: unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  const [first, second] = args as [never, object | undefined];
  if (operation === 'begin') return device.begin(first, { ...second, signal });
  if (operation === 'step' || operation === 'render' || operation === 'suggest') {
    return device[operation](first, signal);
  }
  return device[operation](first);
}
