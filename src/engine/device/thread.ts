import { Worker } from 'node:worker_threads';
import '../onnx/no-telemetry.ts';
import type { LoadOptions } from '../models/index.ts';
// Past the door: ONNX Runtime is for the other thread alone.
import { chooseProvider } from '../onnx/providers.ts';
import type { Device, DeviceModel } from './port.ts';
import { errorOf, type FromDevice, type Operation, type ToDevice } from './wire.ts';

export interface DeviceSettings extends Omit<LoadOptions, 'warn'> {
  /** A folder in diffusers' ONNX layout. */
  readonly model: string;
}

/** A device whose thread can end under it. */
export interface ThreadDevice extends Device {
  /** Has a listener told of what an operator may want to know, from the beginning on. */
  onWarning(listener: (text: string) => void): void;
  /** Settles when the thread ends other than by `close`: with why. Calls then fail with the same. */
  readonly lost: Promise<Error>;
  /**
   * Bytes of the thread's JavaScript heap that are in use; tensors and the model lie outside of it. The
   * answer comes between two computations of the model. Fails where the thread has ended.
   */
  heap(): Promise<number>;
}

/**
 * Opens a model in a thread of its own. ONNX Runtime blocks its thread while it computes; this way
 * the caller's thread goes on answering.
 * @throws LikewiseError `MODEL_UNUSABLE` or `PROVIDER_UNUSABLE`, as `loadModel` does
 */
export async function openDevice(settings: DeviceSettings): Promise<ThreadDevice> {
  // Here, since the process's own environment, by which drivers are found, stays on this thread.
  const choice = await chooseProvider(settings.provider);
  // Nothing of the engine's environment, which may hold secrets, is the model's business.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...settings, provider: choice.provider },
    env: {},
  });
  const calls = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (e: Error) => void }
  >();
  const warnings: string[] = [];
  const listeners: ((text: string) => void)[] = [];
  const lost = Promise.withResolvers<Error>();
  const ready = Promise.withResolvers<DeviceModel>();
  let last = 0;
  let closed = false;
  let reason: Error | undefined;

  const lose = (error: Error) => {
    reason ??= error;
    ready.reject(reason);
    for (const { reject } of calls.values()) reject(reason);
    calls.clear();
    if (!closed) lost.resolve(reason);
  };
  worker.on('error', (error) => lose(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) => lose(new Error(`the thread of the device ended (status ${code})`)));
  worker.on('message', (message: FromDevice) => {
    if (message.kind === 'ready') return ready.resolve(message.model);
    if (message.kind === 'unable') return ready.reject(errorOf(message.failure));
    if (message.kind === 'warning') {
      warnings.push(message.text);
      for (const listener of listeners) listener(message.text);
      return;
    }
    const call = calls.get(message.id);
    calls.delete(message.id);
    if (message.kind === 'result') call?.resolve(message.value);
    else call?.reject(errorOf(message.failure));
  });

  const send = (message: ToDevice) => worker.postMessage(message);
  const call = async <T>(
    operation: Operation,
    args: unknown[],
    signal?: AbortSignal,
  ): Promise<T> => {
    signal?.throwIfAborted();
    if (closed) throw new Error('the device is closed');
    if (reason) throw reason;
    const id = ++last;
    const answer = Promise.withResolvers<unknown>();
    calls.set(id, answer);
    const abort = () => send({ kind: 'abort', id });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      send({ kind: 'call', id, operation, args });
      return (await answer.promise) as T;
    } catch (error) {
      // The other side's signal has a reason of its own.
      signal?.throwIfAborted();
      throw error;
    } finally {
      calls.delete(id);
      signal?.removeEventListener('abort', abort);
    }
  };

  try {
    const model: DeviceModel = { ...(await ready.promise), tried: choice.tried };
    return {
      model,
      onWarning(listener) {
        listeners.push(listener);
        for (const text of warnings) listener(text);
      },
      lost: lost.promise,
      heap: async () => (await worker.getHeapStatistics()).used_heap_size,
      keyOf: (order) => call('keyOf', [order]),
      begin: (order, { saved, signal } = {}) => call('begin', [order, { saved }], signal),
      step: (task, signal) => call('step', [task], signal),
      save: (task) => call('save', [task]),
      preview: (task) => call('preview', [task]),
      finish: (task) => call('finish', [task]),
      drop: (task) => call('drop', [task]),
      render: (order, signal) => call('render', [order], signal),
      suggest: (order, signal) => call('suggest', [order], signal),
      features: (text) => call('features', [text]),
      async close() {
        if (closed) return;
        const ended = reason ? undefined : call<void>('close', []);
        closed = true;
        await ended?.catch(() => {});
        await worker.terminate();
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}
