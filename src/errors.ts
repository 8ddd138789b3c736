import { analogyErrors } from './errors/analogies.ts';
import { commandErrors } from './errors/commands.ts';
import { discordErrors } from './errors/discord.ts';
import { hubErrors } from './errors/hub.ts';
import { providerErrors } from './errors/providers.ts';
import { slackErrors } from './errors/slack.ts';
import { webErrors } from './errors/web.ts';

/**
 * The table of everything that can go wrong in a way somebody can mend: a code, what the user
 * reads (what happened, then what to do about it) and the exit status of a command that ends so.
 * `{name}` in a text is filled in from the error's details, which the type checker asks for.
 *
 * docs/errors.md lists the same codes; a test holds table, page and use together.
 */
export const errors = {
  // The command line
  USAGE: {
    exit: 2,
    what: '{problem}.',
    todo: 'Run with --help to see the command line.',
  },
  OUTPUT_UNWRITABLE: {
    exit: 2,
    what: 'Cannot write to {path}: {reason}.',
    todo: 'Choose another place, or change its permissions.',
  },
  CANCELLED: {
    exit: 130,
    what: 'Stopped before the end.',
    todo: 'Nothing was written; what was found so far may be in the cache. Run it again.',
  },

  CACHE_UNUSABLE: {
    exit: 2,
    what: 'The cache {path} cannot be used: {reason}.',
    todo: 'Name another folder with --cache, or do without: --cache none.',
  },

  // The model
  MODEL_UNUSABLE: {
    exit: 2,
    what: '{path} is no model that can be used: {reason}.',
    todo: "Name a folder in diffusers' ONNX layout, such as models/avatars.",
  },

  PROVIDER_UNUSABLE: {
    exit: 2,
    what: 'The provider {provider} cannot be used here: {reason}.',
    todo: 'Set LIKEWISE_PROVIDER to auto or cpu; docs/providers.md says how to get the others.',
  },

  MODEL_FAILED: {
    exit: 2,
    what: '{path} failed at {part} on {provider}: {reason}.',
    todo: 'If memory ran out, end what else uses it; LIKEWISE_PROVIDER=cpu does without a GPU.',
  },

  GRAPH_UNUSABLE: {
    exit: 2,
    what: 'No gradient of {path}: {reason}.',
    todo: 'Name an ONNX file, and outputs and inputs of it, as the reason says.',
  },

  // Settings
  CONFIG_INVALID: {
    exit: 2,
    what: 'The setting {setting} is wrong: {reason}.',
    todo: 'Correct it in the environment or in the settings file.',
  },

  // The engine
  ENGINE_UNREACHABLE: {
    exit: 2,
    what: 'The engine at {url} cannot be reached: {reason}.',
    todo: 'Start it, or wait until it is up again.',
  },
  ENGINE_REFUSED: {
    exit: 2,
    what: 'The engine refused the request: {reason}.',
    todo: 'Check the token, and that both sides are of one version.',
  },
  ENGINE_ADDRESS: {
    exit: 2,
    what: 'The engine cannot listen on {address}: {reason}.',
    todo: 'Choose another with LIKEWISE_ENGINE_HOST and _PORT, or LIKEWISE_ENGINE_SOCKET.',
  },
  JOB_UNKNOWN: {
    exit: 2,
    what: 'There is no job {job}.',
    todo: 'It may have been forgotten; start it again.',
  },
  FILE_UNKNOWN: {
    exit: 2,
    what: 'There is no file {file}.',
    todo: 'It may have expired or been forgotten; make the picture again.',
  },

  INVERSION_GONE: {
    exit: 2,
    what: 'What was found about this picture is no longer kept, so it cannot be drawn anew at once.',
    todo: 'Apply the analogy to the picture again.',
  },
  CELLS_TOO_MANY: {
    exit: 2,
    what: '{cells} pictures were asked for at once; at most {limit} are drawn.',
    todo: 'Ask for fewer strengths or guidances.',
  },

  // The queue
  ENGINE_STOPPING: {
    exit: 2,
    what: 'The engine is about to stop and accepts nothing new.',
    todo: 'Try again in {retrySeconds} s: what was accepted goes on when it is up again.',
  },
  LIMIT_WAITING: {
    exit: 2,
    what: '{waiting} jobs of this {whose} wait already; at most {limit} may.',
    todo: 'Try again in {retrySeconds} s, or cancel one of them.',
  },
  LIMIT_DEVICE: {
    exit: 2,
    what: 'This {whose} has used up its computing time of today: {used} of {limit} s.',
    todo: 'Try again in {retrySeconds} s, when the next day begins.',
  },
  LIMIT_BYTES: {
    exit: 2,
    what: 'What is kept for this {whose} would take {megabytes} MB; at most {limit} MB are kept.',
    todo: 'Try again in {retrySeconds} s, when the oldest is removed, or have it forgotten before.',
  },
  DISK_FULL: {
    exit: 2,
    what: 'The disk is nearly full, so nothing new is accepted.',
    todo: 'Nothing is lost. Make room on it, and try again in {retrySeconds} s.',
  },
  JOB_FAILED: {
    exit: 1,
    what: 'The job failed: {reason}.',
    todo: 'Start it again; if it fails again, the log of the engine says more.',
  },
  JOB_POISONED: {
    exit: 1,
    what: 'The job was given up, since the engine crashed {crashes} times in the middle of it.',
    todo: 'Use other pictures; the log of the engine says more.',
  },
  JOURNAL_UNUSABLE: {
    exit: 2,
    what: 'The journal {path} cannot be used: {reason}.',
    todo: 'End the other engine, correct the permissions, or move the file away to begin anew.',
  },

  // Pictures
  PICTURE_MISSING: {
    exit: 2,
    what: '{picture} cannot be read: {reason}.',
    todo: 'Check the name and the permissions of the file.',
  },
  PICTURE_EMPTY: {
    exit: 2,
    what: '{picture} is empty: it has no bytes.',
    todo: 'Save or send it again.',
  },
  PICTURE_TOO_HEAVY: {
    exit: 2,
    what: '{picture} is {megabytes} MB; at most {limit} MB are read.',
    todo: 'Save it smaller, or as a JPEG.',
  },
  PICTURE_TOO_LARGE: {
    exit: 2,
    what: '{picture} is {width} x {height} pixels; at most {limit} million are read.',
    todo: 'Scale it down: 2000 pixels a side are more than enough.',
  },
  PICTURE_TOO_SMALL: {
    exit: 2,
    what: '{picture} is {width} x {height} pixels; each side needs {limit} or more.',
    todo: 'Use a larger version of it.',
  },
  PICTURE_TOO_NARROW: {
    exit: 2,
    what: '{picture} is {width} x {height} pixels: one side is over {limit} times the other.',
    todo: 'Crop it nearer to a square.',
  },
  PICTURE_UNPACKED: {
    exit: 2,
    what: '{picture} unpacks to {megabytes} MB; at most {limit} MB are read.',
    todo: 'Scale it down, or save it with 8 bits a channel.',
  },
  PICTURE_INTERLACED: {
    exit: 2,
    what: '{picture} is stored in passes and unpacks to {megabytes} MB; then at most {limit} MB are read.',
    todo: 'Save it without "interlaced" or "progressive", or scale it down.',
  },
  PICTURE_HEIC: {
    exit: 2,
    what: '{picture} is a HEIC photo, which is not read here.',
    todo: 'On an iPhone, choose Settings > Camera > Formats > Most Compatible; or save it as a JPEG.',
  },
  PICTURE_AVIF: {
    exit: 2,
    what: '{picture} is an AVIF picture, which is not read here.',
    todo: 'Save it as PNG or JPEG and use that.',
  },
  PICTURE_TIFF: {
    exit: 2,
    what: '{picture} is a TIFF picture, which is not read here.',
    todo: 'Save it as PNG or JPEG and use that.',
  },
  PICTURE_SVG: {
    exit: 2,
    what: '{picture} is an SVG drawing, which is not read here.',
    todo: 'Export it as a PNG, about 1000 pixels wide.',
  },
  PICTURE_PDF: {
    exit: 2,
    what: '{picture} is a PDF document, which is not read here.',
    todo: 'Save the page that you want as a PNG or JPEG.',
  },
  PICTURE_VIDEO: {
    exit: 2,
    what: '{picture} is a video, which is not read here.',
    todo: 'Use a screenshot of the moment that you want.',
  },
  PICTURE_FORMAT: {
    exit: 2,
    what: '{picture} is {format}, which is not read here.',
    todo: 'Save it as PNG or JPEG and use that.',
  },
  PICTURE_UNKNOWN: {
    exit: 2,
    what: '{picture} is not a picture that can be read.',
    todo: 'Use a PNG, JPEG, WebP or GIF file.',
  },
  PICTURE_BROKEN: {
    exit: 2,
    what: '{picture} is damaged or cut short.',
    todo: 'Save or download it again; opening it in an editor and exporting it may mend it.',
  },
  PICTURE_UNUSUAL: {
    exit: 2,
    what: '{picture} is {trait}, which is refused, since converting it would change it.',
    todo: 'Save it as a still PNG or JPEG, sRGB, 8 bits a channel, or set LIKEWISE_INTAKE_UNUSUAL=convert.',
  },
  PICTURE_CRASHED: {
    exit: 2,
    what: '{picture} made the program that reads pictures crash.',
    todo: 'It is probably damaged: open it in an editor, save it again and use that.',
  },
  PICTURE_SLOW: {
    exit: 2,
    what: '{picture} takes more than {seconds} s to read.',
    todo: 'Scale it down, or save it as a plain JPEG.',
  },
  PICTURE_MEMORY: {
    exit: 2,
    what: '{picture} takes more memory to read than one picture may.',
    todo: 'Scale it down, or save it as a plain JPEG.',
  },
  INTAKE_BUSY: {
    exit: 2,
    what: 'Too many pictures wait to be read: {waiting}.',
    todo: 'Try again in a minute.',
  },
  INTAKE_UNUSABLE: {
    exit: 2,
    what: 'No picture can be read here: {reason}.',
    todo: 'Run npm ci again; if memory is short, end what else uses it.',
  },

  ...analogyErrors,
  ...commandErrors,
  ...webErrors,
  ...discordErrors,
  ...slackErrors,
  ...hubErrors,
  ...providerErrors,
} as const satisfies Record<string, ErrorEntry>;

export interface ErrorEntry {
  /** Exit status of a command that ends with this error: 2 = the input, 130 = interrupted. */
  exit: 1 | 2 | 130;
  /** What happened, one sentence. */
  what: string;
  /** What to do next, one sentence or two. */
  todo: string;
}

export type ErrorCode = keyof typeof errors;

/** The names in braces of a text: `'{a} of {b}'` -> `'a' | 'b'`. */
type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** What an error of this code must be told, by name. */
export type ErrorDetails<Code extends ErrorCode> = Code extends ErrorCode
  ? { [Name in Placeholder<(typeof errors)[Code]['what' | 'todo']>]: string | number }
  : never;

/** An error with a code of the table: its message is what the user reads, on one line. */
export class LikewiseError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'LikewiseError';
  readonly code: Code;
  readonly details: ErrorDetails<Code>;
  readonly exitStatus: number;

  constructor(code: Code, details: ErrorDetails<Code>, options?: { cause?: unknown }) {
    const { what, todo, exit } = errors[code];
    super(fill(`${what} ${todo}`, details), options);
    this.code = code;
    this.details = details;
    this.exitStatus = exit;
  }
}

export function isLikewiseError(error: unknown): error is LikewiseError {
  return error instanceof LikewiseError;
}

/** Fills a text's braces; control characters and line breaks become spaces: one line stays one. */
function fill(text: string, details: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => oneLine(String(details[name])));
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}
