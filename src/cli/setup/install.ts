import { lstat, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canLoad,
  cudaNeeds,
  cudaProviderFiles,
  type Machine,
  runtimeFolder,
} from '../../engine/onnx/providers-present.ts';
import { LikewiseError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { downloadBar } from '../download-bar.ts';
import { reasonOf } from '../folders.ts';
import { ArchiveError, unpack } from './archive.ts';
import { fetchAsset, findAsset } from './release.ts';

/** Where it is put, and what of the machine counts. */
export interface SetupMachine extends Machine {
  /** Bytes that are free on the disk of a folder. */
  free(folder: string): Promise<number>;
}

/** What is installed: a file that is at hand, or one of a release. */
export type Origin =
  | { readonly file: string }
  | { readonly release: string; readonly archive: string };

/** What it has to be. */
export interface Expected {
  /** Version of ONNX Runtime. */
  readonly version: string;
  /** Major version of CUDA; undefined: any. */
  readonly cuda: number | undefined;
}

/** Beginning of the name of a folder in which a run has what is not whole yet. */
const unfinished = '.cuda-';
const msPerDay = 86_400_000;

/**
 * Puts the CUDA provider of an archive in its place. Until all of it is whole and known to fit, nothing in
 * the folder changes; whatever happens but a kill (see `sweep`), nothing but the provider is left behind.
 * @throws LikewiseError `CUDA_…`, `OUTPUT_UNWRITABLE`
 */
export async function install(
  origin: Origin,
  expected: Expected,
  terminal: Terminal,
  machine: SetupMachine,
): Promise<void> {
  const { folder } = machine;
  let fresh: string | undefined;
  try {
    await assertNoFolders(folder);
    fresh = await mkdtemp(join(folder, unfinished));
    const archive = 'file' in origin ? origin.file : join(fresh, 'archive');
    const name = 'file' in origin ? origin.file : origin.archive;
    if (!('file' in origin)) await download(origin, archive, terminal, machine);
    await unpackInto(fresh, { archive, name }, expected, terminal.signal, machine);
    terminal.signal.throwIfAborted();
    // The provider itself, by which its version is told, comes last.
    for (const file of cudaProviderFiles) await rename(join(fresh, file), join(folder, file));
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).syscall) throw error;
    const details = { path: folder, reason: reasonOf(error) };
    throw new LikewiseError('OUTPUT_UNWRITABLE', details, { cause: error });
  } finally {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
  }
}

/**
 * Removes what runs that were killed have left, once it is older than a day: another may still be at it.
 * What cannot be removed stays: it takes room, and nothing else.
 */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(unfinished))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory() || Date.now() - found.mtimeMs < msPerDay) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** A folder in the place of a file would let one take its place, and not the other. */
async function assertNoFolders(folder: string): Promise<void> {
  for (const name of cudaProviderFiles) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory()) continue;
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path, reason: 'it is a folder' });
  }
}

async function download(
  { release, archive }: { release: string; archive: string },
  target: string,
  { signal, stderr }: Terminal,
  machine: SetupMachine,
): Promise<void> {
  const asset = await findAsset(release, archive, signal);
  await assertRoom(machine, asset.size);
  const bar = downloadBar(stderr);
  try {
    await fetchAsset(asset, target, { signal, onBytes: (bytes) => bar.show(bytes, asset.size) });
  } finally {
    bar.stop();
  }
}

/** Unpacks what is needed, and looks at what it is. */
async function unpackInto(
  folder: string,
  { archive, name }: { archive: string; name: string },
  { version, cuda }: Expected,
  signal: AbortSignal,
  machine: SetupMachine,
): Promise<void> {
  try {
    await unpack(archive, {
      names: cudaProviderFiles,
      folder,
      signal,
      async accept({ path, size }) {
        const found = path.match(/-(\d+\.\d+\.\d+)\/lib\//)?.[1] ?? version;
        if (found !== version) {
          const reason = `it is of ONNX Runtime ${found}, and ${version} is installed`;
          throw new LikewiseError('CUDA_ARCHIVE', { file: name, reason });
        }
        await assertRoom(machine, size);
      },
    });
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const details = { file: name, reason: error.message };
    throw new LikewiseError('CUDA_CHECKSUM', details, { cause: error });
  }
  const needs = cudaNeeds(folder);
  if (typeof needs === 'string') {
    throw new LikewiseError('CUDA_CHECKSUM', { file: name, reason: needs });
  }
  if (cuda === undefined || needs.version === cuda) return;
  const reason = `it is built for CUDA ${needs.version}, not ${cuda}`;
  throw new LikewiseError('CUDA_ARCHIVE', { file: name, reason });
}

async function assertRoom({ folder, free }: SetupMachine, bytes: number): Promise<void> {
  const room = await free(folder);
  if (room >= bytes) return;
  const [have, needed] = [Math.floor(room / 1e6), Math.ceil(bytes / 1e6)];
  throw new LikewiseError('CUDA_DISK_FULL', { path: folder, free: have, needed });
}

/** This machine. */
export function thisMachine(): SetupMachine {
  const { platform, arch } = process;
  return {
    ...{ platform, arch, canLoad, folder: runtimeFolder(platform, arch) },
    async free(folder) {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}
