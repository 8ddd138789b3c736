import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, defaults } from '../../../config/index.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { JobEvent, JobRequestInput, JobResult, Owner } from '../../../src/engine/protocol.ts';
import { encodePng } from '../../../src/engine/render/index.ts';
import { type EngineHooks, openEngine } from '../../../src/engine/service/index.ts';

/** A folder for an engine, which goes when the test is over. */
export function engineFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-engine-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Settings for an engine in a folder, with room on any disk. */
export function settingsFor(folder: string, more: Partial<Config['jobs']> = {}): Config {
  return {
    ...defaults,
    cache: join(folder, 'cache'),
    engine: { ...defaults.engine, folder, port: 0 },
    jobs: { ...defaults.jobs, freeMegabytes: 0, reserveMegabytes: 0, ...more },
  };
}

export const open = (folder: string, more: Partial<Config['jobs']> = {}, hooks?: EngineHooks) =>
  openEngine(settingsFor(folder, more), hooks);

/**
 * A model with random weights that is opened in a tenth of the time: for what is the same whatever the
 * model draws, and needs no job that lasts.
 */
export const tinyModel = resolve(import.meta.dirname, '../../fixtures/models/script');

/** As `open`, with the tiny model. */
export const openTiny = (folder: string, hooks?: EngineHooks) =>
  openEngine({ ...settingsFor(folder), model: tinyModel }, hooks);

/** A picture of stripes in colours of its own. */
export async function stripes(seed: number, width = 40, height = 30): Promise<Uint8Array> {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++)
    rgb[i] = (i * (seed * 7 + 3) + Math.floor(i / 90) * 31) % 256;
  return encodePng({ rgb, width, height });
}

/** Puts three pictures, and asks for an analogy. */
export async function analogyOf(
  engine: Engine,
  owner: Owner,
  seed: number,
  dials = { lambda: [0, 1], guidance: [2] },
): Promise<JobRequestInput> {
  const put = async (n: number) =>
    (await engine.putPicture(owner, await stripes(3 * seed + n))).picture;
  return {
    kind: 'analogy',
    pairs: [{ a: await put(0), aPrime: await put(1) }],
    b: await put(2),
    dials,
  };
}

export async function eventsOf(engine: Engine, owner: Owner, job: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of engine.follow(owner, job)) events.push(event);
  return events;
}

/** The result of a job that is done. @throws Error where it ends otherwise */
export async function resultOf(engine: Engine, owner: Owner, job: string): Promise<JobResult> {
  const last = (await eventsOf(engine, owner, job)).at(-1);
  if (last?.kind !== 'done') throw new Error(`the job ended so: ${JSON.stringify(last)}`);
  return last.result;
}
