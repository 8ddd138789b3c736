import PQueue from 'p-queue';
import { type Packable, pack, unpack } from '../../cache/index.ts';
import type { Procedure } from '../inversion/index.ts';
import { type DiffusionModel, float32 } from '../models/index.ts';
import { createInverter, type Inversion } from '../pipeline/index.ts';
import { clamped, render, suggestCell } from '../synthesis/index.ts';
import type { Device, InversionOrder, StepReport, TaskId } from './port.ts';

interface Task {
  readonly inversion: Inversion<unknown>;
  readonly procedure: Procedure<Packable, unknown>;
  state: Packable;
}

/** A device on the calling thread: each call blocks it for as long as the model computes. */
export function localDevice(model: DiffusionModel): Device {
  const tasks = new Map<TaskId, Task>();
  const queue = new PQueue({ concurrency: 1 });
  const turns = <T>(run: () => Promise<T>): Promise<T> => queue.add(run);
  let last = 0;
  const taskOf = (id: TaskId): Task => {
    const task = tasks.get(id);
    if (!task) throw new RangeError(`task ${id} is over, or never was`);
    return task;
  };

  return {
    model: {
      id: model.id,
      hash: model.hash,
      provider: model.provider,
      precision: model.precision,
      image: { ...model.image },
      text: { length: model.text.length, width: model.text.width },
    },
    keyOf: async (order) => inversionOf(model, order).key,
    begin: (order, { saved, signal } = {}) =>
      turns(async () => {
        const inversion = inversionOf(model, order);
        const procedure = inversion.procedure();
        const state = saved ? unpack(saved) : await procedure.begin(signal);
        const task = ++last;
        tasks.set(task, { inversion, procedure, state });
        return { task, ...reportOf(procedure, state) };
      }),
    step: (id, signal) =>
      turns(async () => {
        signal?.throwIfAborted();
        const task = taskOf(id);
        // A resumed task may have been saved after its last step.
        if (!task.procedure.done(task.state)) {
          task.state = await task.procedure.step(task.state, signal);
        }
        return reportOf(task.procedure, task.state);
      }),
    save: async (id) => pack(taskOf(id).state),
    preview: (id) =>
      turns(async () => {
        const { procedure, state } = taskOf(id);
        const picture = await procedure.progress(state).preview?.();
        return picture && clamped(picture.data);
      }),
    finish: (id) =>
      turns(async () => {
        const { inversion, procedure, state } = taskOf(id);
        if (!procedure.done(state)) throw new RangeError(`task ${id} is not done yet`);
        const record = inversion.toRecord(await procedure.finish(state));
        tasks.delete(id);
        return record;
      }),
    drop: async (id) => void tasks.delete(id),
    render: ({ mode, steps, ...input }, signal) =>
      turns(() => render(model, input, { mode, steps, signal })),
    suggest: (order, signal) =>
      turns(async () => (await suggestCell(model, order, { signal })).index),
    features: (text) =>
      turns(async () => {
        const { length, tokenWidth } = model.text;
        const tokens = model.tokenEmbeddings(model.tokenize(text));
        return (await model.encodeTokens(float32([1, length, tokenWidth], tokens.data))).data;
      }),
    close: () =>
      turns(async () => {
        tasks.clear();
        await model.close();
      }),
  };
}

function inversionOf(model: DiffusionModel, order: InversionOrder): Inversion<unknown> {
  const { preset, seed, scope, picture } = order;
  const inverter = createInverter(model, { preset, seed, scope });
  return order.kind === 'tokens'
    ? (inverter.tokens(picture, order.reference) as Inversion<unknown>)
    : (inverter.noise(picture, order.described) as Inversion<unknown>);
}

function reportOf(procedure: Procedure<Packable, unknown>, state: Packable): StepReport {
  const { phase, step, steps, loss } = procedure.progress(state);
  return { done: procedure.done(state), phase, step, steps, loss };
}
