import type { ErrorEntry } from '../errors.ts';

/** Of analogies as files, and of the library: a part of the table in errors.ts. */
export const analogyErrors = {
  ANALOGY_FILE_TOO_LARGE: {
    exit: 2,
    what: 'The analogy file is {megabytes} MB; at most {limit} MB are read.',
    todo: 'Use a file that Likewise exported: it is far smaller.',
  },
  ANALOGY_FILE_CUT: {
    exit: 2,
    what: 'The analogy file is cut short: {reason}.',
    todo: 'Download or export it again.',
  },
  ANALOGY_FILE_HEADER: {
    exit: 2,
    what: 'The analogy file claims a header of {bytes} bytes; at most {limit} are read.',
    todo: 'Use a .safetensors file that Likewise exported.',
  },
  ANALOGY_FILE_TEXT: {
    exit: 2,
    what: 'The header of the analogy file is not UTF-8 text.',
    todo: 'Use a .safetensors file that Likewise exported.',
  },
  ANALOGY_FILE_JSON: {
    exit: 2,
    what: 'The header of the analogy file is not as it should be: {reason}.',
    todo: 'Use a .safetensors file that Likewise exported.',
  },
  ANALOGY_FILE_DUPLICATE: {
    exit: 2,
    what: 'The header of the analogy file has "{key}" twice.',
    todo: 'Use a file as Likewise exported it; this one was changed.',
  },
  ANALOGY_FILE_OFFSETS: {
    exit: 2,
    what: 'The numbers in the analogy file are not where they should be: {reason}.',
    todo: 'Use a file as Likewise exported it; this one was changed or damaged.',
  },
  ANALOGY_FILE_DTYPE: {
    exit: 2,
    what: 'The numbers of "{tensor}" in the analogy file are of type {dtype}, not F32.',
    todo: 'Convert them to 32-bit floats, or export it again.',
  },
  ANALOGY_FILE_SHAPE: {
    exit: 2,
    what: '"{tensor}" in the analogy file has the shape {shape}, not {expected}.',
    todo: 'Use a file as Likewise exported it, for the same model.',
  },
  ANALOGY_FILE_TENSORS: {
    exit: 2,
    what: 'The analogy file holds {tensors}, not a direction (with a and a_prime, or without).',
    todo: 'Use a .safetensors file that Likewise exported.',
  },
  ANALOGY_FILE_NUMBERS: {
    exit: 2,
    what: '"{tensor}" in the analogy file has values that are no finite numbers.',
    todo: 'Export it again; this file was changed or damaged.',
  },
  ANALOGY_FILE_METADATA: {
    exit: 2,
    what: 'The analogy file cannot be used by what it says of "{key}": {reason}.',
    todo: 'Use a .safetensors file that Likewise exported.',
  },
  ANALOGY_FILE_VERSION: {
    exit: 2,
    what: 'The analogy file is of format version {version}; version {supported} is read here.',
    todo: 'Export it again with this version of Likewise, or update this one.',
  },
  ANALOGY_OTHER_MODEL: {
    exit: 2,
    what: 'The analogy was made with the model {theirs}, and this is {ours}.',
    todo: 'Use it with the model that made it, or make it again from its pictures.',
  },
  ANALOGY_NAME_INVALID: {
    exit: 2,
    what: '"{name}" cannot be the name of an analogy: {reason}.',
    todo: 'Choose another, such as "with glasses".',
  },
  ANALOGY_NAME_TAKEN: {
    exit: 2,
    what: 'There is an analogy called {name} already.',
    todo: 'Choose another name, or rename or delete that one.',
  },
  ANALOGY_NAMED: {
    exit: 2,
    what: 'This analogy is saved already, as {name}.',
    todo: 'Use it by that name, or have its owner rename it.',
  },
  ANALOGY_DESCRIPTION_INVALID: {
    exit: 2,
    what: 'The description cannot be used: {reason}.',
    todo: 'Write one that is shorter or plainer.',
  },
  ANALOGY_UNKNOWN: {
    exit: 2,
    what: 'There is no analogy called {name} here.',
    todo: 'Look through the library for what there is.',
  },
  ANALOGY_NOT_YOURS: {
    exit: 2,
    what: "The analogy {name} is somebody else's.",
    todo: 'Ask its owner or a moderator, or save one of your own.',
  },
  ANALOGY_DAMAGED: {
    exit: 2,
    what: 'The analogy {name} is damaged where it is kept.',
    todo: 'Delete it and save or import it again.',
  },
  LIBRARY_FULL: {
    exit: 2,
    what: 'The library is full: {whose} may have {most} analogies.',
    todo: 'Delete one that is no longer used.',
  },
} as const satisfies Record<string, ErrorEntry>;
