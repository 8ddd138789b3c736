import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CudaVersion,
  cudaNeeds,
  cudaProviderFiles,
  cudaRuntime,
  cudaVersions,
  type Machine,
  missingFor,
} from '../engine/onnx/providers-present.ts';
import { cudaSource } from '../engine/onnx/providers-source.ts';
import { LikewiseError } from '../errors.ts';
import { type Command, runCommand, type Terminal } from './command.ts';
import { readOptions, wrongUse } from './model/words.ts';
import { install, type SetupMachine, sweep, thisMachine } from './setup/install.ts';
import { isSafe } from './setup/release.ts';

const usage = `npm run setup:cuda [-- --cuda 12|13] [--archive FILE]

Fetches ONNX Runtime's CUDA provider, which is not on npm, from its release on GitHub: for an NVIDIA GPU,
on Linux, x64. It takes the version that fits the installed onnxruntime-node, holds it against the SHA-256
of the release, and puts it beside it. Then it says whether the libraries that the provider is linked to
can be loaded.

  --cuda N         major version of CUDA that the provider is built for. Without it: the one whose libraries
                   are here, 13 before 12; where there are none, the installed provider's, or else 12, which
                   works with older cards and drivers
  --archive FILE   takes an archive of the release that was fetched by other means, and asks no network
  --releases URL   what GitHub's API says of the release, on a mirror
  --help           this text

docs/providers.md says more.
`;

/** Packages of NVIDIA's repository for Debian and Ubuntu. */
const packages: Readonly<Record<number, string>> = {
  12: 'cuda-libraries-12-8 libcudnn9-cuda-12',
  13: 'cuda-libraries-13-0 libcudnn9-cuda-13',
};

/**
 * `npm run setup:cuda`.
 * @throws LikewiseError `USAGE`, `CUDA_PLATFORM`, `CUDA_UNREACHABLE`, `CUDA_RATE_LIMIT`, `CUDA_RELEASE`,
 *   `CUDA_CHECKSUM`, `CUDA_ARCHIVE`, `CUDA_DISK_FULL`, `OUTPUT_UNWRITABLE`
 */
export async function setupCuda(
  args: readonly string[],
  terminal: Terminal,
  machine: SetupMachine = thisMachine(),
): Promise<void> {
  const { stdout } = terminal;
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(usage);
    return;
  }
  const { asked, archive, releases } = await readArguments(args);
  const { platform, arch, folder } = machine;
  const cuda = asked ?? suitable(machine);
  const source = cudaSource(platform, arch, cuda);
  if (!source) throw new LikewiseError('CUDA_PLATFORM', { platform: `${platform}/${arch}` });
  const { version } = source;
  await sweep(folder);
  const already = archive === undefined && installed(folder) === cuda;
  if (archive !== undefined) {
    await install({ file: archive }, { version, cuda: asked }, terminal, machine);
    stdout.write(`${archive} was held against no checksum: no release was asked for one.\n`);
  } else if (!already) {
    const origin = { release: releases ?? source.release, archive: source.archive };
    await install(origin, { version, cuda }, terminal, machine);
  }
  const has = installed(folder) ?? cuda;
  const when = already ? 'already' : 'now';
  stdout.write(`The CUDA provider ${version}, for CUDA ${has}, is in ${folder} ${when}.\n`);
  const missing = missingFor('cuda', machine);
  stdout.write(missing === undefined ? ready(has) : notReady(missing, has));
}

async function readArguments(args: readonly string[]) {
  const { values, words } = readOptions(args, ['cuda', 'archive', 'releases']);
  if (words.length > 0) throw wrongUse(`"${words[0]}" is one word too many`);
  const { cuda, archive, releases } = values;
  const asked = cudaVersions.find((version) => String(version) === cuda);
  if (cuda !== undefined && asked === undefined) {
    throw wrongUse(`--cuda: "${cuda}" is neither 12 nor 13`);
  }
  if (releases !== undefined && !isSafe(releases)) {
    const safe = 'it begins with https://, or http:// for one on this machine';
    throw wrongUse(`--releases: "${releases}" is no safe address: ${safe}`);
  }
  if (archive !== undefined && releases !== undefined) {
    throw wrongUse('--archive asks no network: give it or --releases');
  }
  if (archive !== undefined) await assertReadable(archive);
  return { asked, archive, releases };
}

async function assertReadable(path: string): Promise<void> {
  try {
    await using file = await open(path);
    if ((await file.stat()).isFile()) return;
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw wrongUse(`--archive: "${path}" ${gone ? 'is not there' : 'cannot be read'}`, cause);
  }
  throw wrongUse(`--archive: "${path}" is no file`);
}

/** The version of CUDA that this machine can load, or else the one that asks least of it. */
function suitable({ canLoad, folder }: Machine): CudaVersion {
  const here = cudaVersions.find((version) => canLoad(cudaRuntime(version)));
  return here ?? cudaVersions.find((version) => version === installed(folder)) ?? 12;
}

/** Of the provider that is in place, whole: the major version of CUDA that it is built for. */
function installed(folder: string): number | undefined {
  if (!cudaProviderFiles.every((file) => existsSync(join(folder, file)))) return undefined;
  const needs = cudaNeeds(folder);
  return typeof needs === 'string' ? undefined : needs.version;
}

const ready = (cuda: number) =>
  `CUDA ${cuda} and cuDNN 9 can be loaded. Next: LIKEWISE_PROVIDER=cuda npm start\n`;

const notReady = (missing: string, cuda: number) => `It cannot be used yet: ${missing}.
CUDA ${cuda} and cuDNN 9 on Debian and Ubuntu, once NVIDIA's repository of packages is set up:
  apt-get install ${packages[cuda] ?? `cuda-libraries-${cuda}-0 libcudnn9-cuda-${cuda}`}
Or use the image that has what it needs: COMPOSE_PROFILES=gpu docker compose up --build
`;

if (import.meta.main) await runCommand(setupCuda as Command);
