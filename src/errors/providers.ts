import type { ErrorEntry } from '../errors.ts';

/** Of what a model runs on, and of getting it. */
export const providerErrors = {
  MEMORY_TOO_SMALL: {
    exit: 2,
    what: 'The part {part} of the model {path} needs about {needed} MB of memory in all, and {megabytes} MB are set.',
    todo: 'Raise LIKEWISE_MEMORY_MEGABYTES if the machine or its GPU has more, set LIKEWISE_PRECISION to float16 on a GPU, or take a smaller model.',
  },
  CUDA_PLATFORM: {
    exit: 2,
    what: 'ONNX Runtime has no CUDA provider for Node on {platform}.',
    todo: 'Use LIKEWISE_PROVIDER=auto, which takes what there is; CUDA needs linux/x64.',
  },
  CUDA_UNREACHABLE: {
    exit: 2,
    what: 'The CUDA provider could not be fetched from {url}: {reason}.',
    todo: 'Check the connection and run the same command again, or fetch the archive by other means and name it with --archive; docs/providers.md says where it is.',
  },
  CUDA_RATE_LIMIT: {
    exit: 2,
    what: 'GitHub answers no more questions of this network {until}: too many were asked ({url}).',
    todo: 'Run the same command again after that, or fetch the archive by other means and name it with --archive; docs/providers.md says where it is.',
  },
  CUDA_RELEASE: {
    exit: 2,
    what: 'The release {url} cannot be installed: {reason}.',
    todo: 'Name another version of CUDA with --cuda, or fetch the archive by other means and name it with --archive; docs/providers.md says where it is.',
  },
  CUDA_CHECKSUM: {
    exit: 2,
    what: '{file} is not as it should be: {reason}.',
    todo: 'Fetch it again; if it happens again, something on the way or on the disk changes files.',
  },
  CUDA_ARCHIVE: {
    exit: 2,
    what: '{file} does not fit: {reason}.',
    todo: 'Take the archive that docs/providers.md names, for the version of CUDA that is wanted.',
  },
  CUDA_DISK_FULL: {
    exit: 2,
    what: 'The disk of {path} has {free} MB free, and {needed} MB are needed for the CUDA provider.',
    todo: 'Make room on it and run the same command again.',
  },
} as const satisfies Record<string, ErrorEntry>;
