import type { ErrorEntry } from '../errors.ts';

/** Of getting a model from a hub, and of checking one. */
export const hubErrors = {
  HUB_REPO_UNKNOWN: {
    exit: 2,
    what: '{hub} knows no repository {repo}, or does not show it to everybody.',
    todo: 'Check its name, OWNER/NAME; a private one needs LIKEWISE_HUB_TOKEN.',
  },
  HUB_REVISION_UNKNOWN: {
    exit: 2,
    what: '{repo} has no revision {revision}.',
    todo: 'Name a branch, a tag or a commit of it with --revision.',
  },
  HUB_FORBIDDEN: {
    exit: 2,
    what: '{hub} does not let {repo} be read: {reason}.',
    todo: 'Accept its terms on its page, {hub}/{repo}, and set LIKEWISE_HUB_TOKEN, or LIKEWISE_HUB_TOKEN_FILE, to a token that may read it.',
  },
  HUB_NO_ONNX: {
    exit: 2,
    what: '{repo} has no model that can be used at {revision}: {reason}.',
    todo: 'Name a repository or --revision that has one, or export it: optimum-cli export onnx --model {repo} DIR; docs/models.md says more.',
  },
  HUB_OTHER_KIND: {
    exit: 2,
    what: '{repo} at {revision} is a model of another kind: {reason}.',
    todo: 'Use a model of Stable Diffusion 1 or 2, or a fine-tune of one; docs/models.md says which fit.',
  },
  HUB_DISK_FULL: {
    exit: 2,
    what: 'The disk of {path} has {free} MB free, and {needed} MB are needed.',
    todo: 'Make room on it, or name a folder on another disk with --out; what was fetched is kept, and the same command goes on with it.',
  },
  HUB_CHECKSUM: {
    exit: 2,
    what: '{file} of {repo} has another checksum than {hub} lists: {reason}.',
    todo: 'Run the same command again; if it happens again, something on the way or on the disk changes files.',
  },
  HUB_UNREACHABLE: {
    exit: 2,
    what: '{hub} cannot be reached: {reason}.',
    todo: 'Check the connection, --hub and LIKEWISE_HUB_URL, and run the same command again: what was fetched is kept, and it goes on from there.',
  },
  HUB_STOPPED: {
    exit: 130,
    what: 'Stopped with {done} of {total} MB fetched.',
    todo: 'They are kept in {path}: run the same command again to go on, or delete that folder.',
  },
  MODEL_GRADIENT: {
    exit: 2,
    what: 'The gradient of {path} by {part} is not what finite differences say: {error} off, and {limit} is allowed.',
    todo: 'Try another provider with --provider cpu; if it is off there too, export the model again in float32.',
  },
} as const satisfies Record<string, ErrorEntry>;
