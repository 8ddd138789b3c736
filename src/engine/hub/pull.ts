import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { LikewiseError } from '../../errors.ts';
import { externalDataOf, externalTensors, type GraphProto, isOnnxError } from '../onnx/index.ts';
import { readSkeleton } from '../onnx/skeleton.ts';
import { hashFile, startHash } from './checksum.ts';
import { chooseFiles } from './choose.ts';
import { type HubFile, hubClient } from './client.ts';
import { download, patiently, sizeOf } from './download.ts';
import {
  clear,
  finish,
  keepWhatFits,
  type PullRecord,
  readRecord,
  stagingOf,
  writeRecord,
} from './staging.ts';

export interface PullOptions {
  /** Address of the hub. */
  readonly hub: string;
  /** Empty: none. */
  readonly token: string;
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** The folder that will hold the model. */
  readonly out: string;
  readonly signal: AbortSignal;
  onProgress?(progress: PullProgress): void;
  /** Bytes that the disk of a folder has free. @default what the system says */
  free?(folder: string): Promise<number>;
  /** See `DownloadOptions`. */
  readonly attempts?: number;
  readonly delayMs?: number;
  readonly idleSeconds?: number;
}

export interface PullProgress {
  /** Bytes that are there, and bytes of everything. */
  readonly done: number;
  readonly total: number;
  /** What is being fetched or checked. */
  readonly file: string;
}

export interface PullResult {
  readonly record: PullRecord;
  /** It was there already, whole. */
  readonly kept: boolean;
}

/** What stays free on the disk: a system without any is no good. */
const spare = 64e6;

/**
 * Fetches a model of a repository into a folder, which appears when all of it is there and checked.
 * Interrupted, it goes on where it was.
 * @throws LikewiseError `HUB_…`; `OUTPUT_UNWRITABLE` where something else is in the folder's place
 */
export async function pull(options: PullOptions): Promise<PullResult> {
  const { repo, revision, out, signal, attempts = 6, delayMs = 500, idleSeconds = 60 } = options;
  const hub = options.hub.replace(/\/+$/, '');
  const client = hubClient({ ...options, hub, idleSeconds });
  const patience = { hub, signal, attempts, delayMs };
  const commit = await patiently(() => client.commit(), patience);
  const there = await lookAt(options, commit);
  const staging = stagingOf(out);
  if (there) {
    // It may have been stopped between its last two steps.
    await clear(staging);
    return { record: there, kept: true };
  }

  const choice = chooseFiles(await patiently(() => client.files(commit), patience));
  if ('reason' in choice) {
    throw new LikewiseError(choice.code, { repo, revision, reason: choice.reason });
  }
  const record = (files: readonly HubFile[]): PullRecord => ({
    ...{ hub, repo, revision, commit },
    files: files.map((file) => ({ ...file, path: file.path.slice(choice.root.length) })),
  });
  const everything = [...choice.files, ...choice.data];
  await keepWhatFits(staging, record(everything).files);
  await writeRecord(staging.folder, record(everything));

  const place = ({ path }: HubFile) => join(staging.files, path.slice(choice.root.length));
  const bytes = new Map<HubFile, number>();
  const fetchAll = async (
    files: readonly HubFile[],
    all: readonly HubFile[],
    whenThere?: (file: HubFile) => void,
  ) => {
    for (const file of all) bytes.set(file, Math.min(file.size, await sizeOf(place(file))));
    const there = () => all.reduce((sum, file) => sum + (bytes.get(file) ?? 0), 0);
    const show = (file: string) => options.onProgress?.({ done: there(), total: total(all), file });
    await refuseFullDisk(options, total(all) - there());
    show('');
    const how = { client, hub, repo, commit, signal, attempts, delayMs };
    for (const file of files) {
      const onBytes = (have: number) => {
        bytes.set(file, have);
        show(file.path);
      };
      await onThisDisk(options, total(all), () => download(file, place(file), { ...how, onBytes }));
      whenThere?.(file);
    }
  };
  // The small ones first: what is wrong with them is known before gigabytes are fetched.
  const files = [...choice.files].sort((a, b) => a.size - b.size);
  const used = new Set<HubFile>();
  await fetchAll(files, everything, (file) => {
    if (!file.path.endsWith('.onnx')) return;
    const weights = weightsOf(file, place(file), choice.data);
    if (typeof weights === 'string') {
      throw new LikewiseError('HUB_NO_ONNX', { repo, revision, reason: weights });
    }
    for (const each of weights) used.add(each);
  });
  const data = [...used];
  await fetchAll(data, [...files, ...data]);
  // What an earlier commit of it needed.
  for (const file of choice.data) if (!used.has(file)) await rm(place(file), { force: true });
  const whole = record([...files, ...data]);
  await finish(staging, out, whole);
  return { record: whole, kept: false };
}

/** What is in the model's place: nothing, the same model, or something that is in the way. */
async function lookAt(options: PullOptions, commit: string): Promise<PullRecord | undefined> {
  const { out, repo, signal, onProgress } = options;
  if (!existsSync(out)) return undefined;
  const inTheWay = (reason: string) =>
    new LikewiseError('OUTPUT_UNWRITABLE', { path: out, reason });
  const record = readRecord(out);
  if (!record) throw inTheWay('a folder that was not made by this command is in the way');
  if (record.repo !== repo || record.commit !== commit) {
    const held = `${record.repo} at ${record.commit.slice(0, 12)}`;
    throw inTheWay(`it holds ${held}, which may be in use; delete it first`);
  }
  let done = 0;
  for (const { path, size, checksum } of record.files) {
    onProgress?.({ done, total: total(record.files), file: path });
    const whole = (await sizeOf(join(out, path))) === size;
    const hash = startHash(checksum, size);
    if (whole) await hashFile(hash, join(out, path), signal);
    if (!whole || hash.digest('hex') !== checksum.hex) {
      throw inTheWay(`${path} in it is missing or was changed; delete it first`);
    }
    done += size;
  }
  return record;
}

/** The files that hold a graph's weights, by what it says; or why it is of no use. */
function weightsOf(file: HubFile, path: string, data: readonly HubFile[]): HubFile[] | string {
  let graph: GraphProto;
  try {
    graph = readSkeleton(path).proto.graph ?? {};
  } catch (error) {
    if (isOnnxError(error)) return `${file.path} is no ONNX model`;
    throw error;
  }
  const fused = graph.node?.find(({ domain }) => domain?.startsWith('com.microsoft'));
  if (fused) {
    const op = `${fused.domain}.${fused.opType}`;
    return `${file.path} was optimised for ONNX Runtime (it has ${op}), which leaves it without gradients`;
  }
  const locations = new Set(externalTensors(graph).map((one) => externalDataOf(one).location));
  const found: HubFile[] = [];
  for (const location of locations) {
    const named = posix.join(posix.dirname(file.path), location);
    const weights = data.find((one) => one.path === named);
    if (!weights) return `it lacks ${named}, where ${file.path} has its weights`;
    found.push(weights);
  }
  return found;
}

async function refuseFullDisk(options: PullOptions, missing: number): Promise<void> {
  const folder = dirname(options.out);
  await mkdir(folder, { recursive: true });
  const free = await (options.free ?? freeBytes)(folder);
  if (missing > 0 && free < missing + spare) throw full(options.out, free, missing + spare);
}

/** The disk may fill up by something else, meanwhile. */
async function onThisDisk(
  { out, free = freeBytes }: PullOptions,
  needed: number,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw full(out, await free(dirname(out)), needed, error);
  }
}

function full(path: string, free: number, needed: number, cause?: unknown): LikewiseError {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);
  const details = { path, free: Math.floor(free / 1e6), needed: megabytes(needed) };
  return new LikewiseError('HUB_DISK_FULL', details, { cause });
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function total(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
