/**
 * What a platform gives a command, and what a command gives back: views, which the platform draws as
 * well as it can. Nothing here knows a platform, and no view holds more than a platform may show.
 */
/** A picture or file that somebody sent. Nothing is read before `fetch` is called. */
export interface LazyFile {
  /** As its sender calls it, e.g. `cat.png`. */
  readonly name: string;
  /** Bytes, where the platform says so; it is not relied on. */
  readonly size?: number | undefined;
  /** @throws whatever hinders it; LikewiseErrors are shown as they are */
  fetch(signal: AbortSignal): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

/** Who asks, from where, and what can be shown there. */
export interface Context {
  /** A guild, a workspace, a visitor's session, e.g. `discord:1`: letters, digits and `. _ : @ + -`. */
  readonly tenant: string;
  readonly user: string;
  /** Ids of the user's roles there; empty where the platform has none. */
  readonly roles: readonly string[];
  /** May cancel, change and delete what others began or saved. */
  readonly moderator: boolean;
  /** May change the tenant's settings. */
  readonly admin: boolean;
  /** A BCP 47 tag, e.g. `en-GB`. */
  readonly locale: string;
  /**
   * Names the interaction, unique within the tenant, and the same where the platform delivers it
   * again: the same job is meant then. The alphabet of `tenant`, at most 100 characters.
   */
  readonly interaction: string;
  /**
   * The message whose button was pressed, or the place where the answer is shown: a render of the
   * user's that still runs for it is cancelled when another takes its place.
   */
  readonly message?: string | undefined;
  /** Whether only adults see what is shown there, as far as the platform knows. @default true */
  readonly ageRestricted?: boolean | undefined;
  /** Whether only whoever asks sees the answer, where they want it otherwise than the tenant has set. */
  readonly private?: boolean | undefined;
  /** The same of whether pictures are hidden until they are clicked. */
  readonly spoiler?: boolean | undefined;
  /**
   * What is asked changes while somebody tries: nothing of it is to be kept. What is drawn can be looked
   * at for a minute, and is no job in any list.
   */
  readonly live?: boolean | undefined;
  readonly can: Capabilities;
  /** Ends the telling, not the job: what was accepted goes on. */
  readonly signal: AbortSignal;
}

export interface Capabilities {
  /** In which format a moving picture moves there. */
  readonly animation: 'webp' | 'gif';
  /** What members type for a command, e.g. `/library list`. @default its name */
  readonly called?: ((command: string) => string) | undefined;
}

/** Of a button: whether it is the one to press first, or one that destroys something. */
export type ButtonStyle = 'plain' | 'primary' | 'danger';

export interface Button {
  /** What `Commands.press` takes: at most 100 characters of letters, digits and `. _ : @ + - ~`. */
  readonly id: string;
  /** At most 80 characters. */
  readonly label: string;
  readonly style: ButtonStyle;
  /** What is to be asked (in a dialog) before it is pressed; the answers are `press`'s values. */
  readonly asks?: readonly Field[] | undefined;
}

/** An input of a command or of a dialog, as platforms offer it. */
export interface Field {
  /** Lower-case letters and digits. */
  readonly name: string;
  readonly kind: FieldKind;
  /** At most 100 characters. */
  readonly description: string;
  readonly required: boolean;
  /** Of a number, or of a text's length. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly choices?: readonly string[] | undefined;
}

/**
 * `numbers`: a list, as an array or as text with commas. `analogy`: a name, completed by
 * `Commands.complete`. `job`: the id of a job. `file`: an analogy as a file.
 */
export type FieldKind =
  | 'picture'
  | 'file'
  | 'text'
  | 'number'
  | 'numbers'
  | 'choice'
  | 'flag'
  | 'analogy'
  | 'job';

/** A command's name, its help and its input. */
export interface CommandDescription {
  /** Lower-case letters, at most 32. */
  readonly name: string;
  /** At most 100 characters. */
  readonly description: string;
  readonly fields: readonly Field[];
  /** Whether only admins may use it. */
  readonly adminOnly: boolean;
}

/** A command; its generator's views replace each other, the last one stays. */
export interface Command extends CommandDescription {
  /** By a zod schema of its fields. @throws ZodError */
  parse(input: Readonly<Record<string, unknown>>): unknown;
  /** @param input from `parse` */
  run(context: Context, input: unknown): AsyncIterable<View>;
}

interface Shown {
  /** Rows of at most five; none where nothing can be pressed. */
  readonly buttons: readonly (readonly Button[])[];
  /** To be seen by whoever asked alone, where the platform can. */
  readonly private: boolean;
}

/** A job that is not over. */
export interface ProgressView extends Shown {
  readonly kind: 'progress';
  /** Absent while the pictures are read. */
  readonly job?: string | undefined;
  /** One sentence: what is being done, or how many jobs are before it. */
  readonly text: string;
  /** While it waits; 1 is next. */
  readonly position?: number | undefined;
  /** Seconds until it is done, and the words for it. */
  readonly eta?: { readonly seconds: number; readonly text: string } | undefined;
  /** Of the whole job, 0 to 1: how far a bar is filled. */
  readonly fraction: number;
  /** A file (`Commands.file`) that shows how far it is. */
  readonly preview?: string | undefined;
  /** Whether that is to be hidden until it is clicked. @default false */
  readonly spoiler?: boolean | undefined;
  /** What was done to the pictures, a sentence each. */
  readonly remarks: readonly string[];
}

export interface Cell {
  readonly lambda: number;
  readonly guidance: number;
  /** B' in B's shape: a PNG (`Commands.file`). */
  readonly file: string;
  /** e.g. `strength 1, guidance 2`. */
  readonly label: string;
  /** The id of the button that shows it in full size. */
  readonly pick: string;
}

/** A job that is done. */
export interface ResultView extends Shown {
  readonly kind: 'result';
  readonly job: string;
  /** The analogy, by which it can be applied again. */
  readonly analogy: string;
  /** One sentence about what is seen, with its parameters. */
  readonly text: string;
  /** The picture to show: the grid, a moving picture, or a cell. Absent where nothing was drawn. */
  readonly picture?: string | undefined;
  readonly pictureKind: 'grid' | 'animation' | 'cell';
  /** At most 1000 characters. */
  readonly alt: string;
  readonly cells: readonly Cell[];
  /** The place in `cells` of the one to look at first. */
  readonly suggested?: number | undefined;
  readonly remarks: readonly string[];
  /** Whether the picture is to be hidden until it is clicked. */
  readonly spoiler: boolean;
  /** Where an undo leads. */
  readonly parent?: string | undefined;
}

export interface TextView extends Shown {
  readonly kind: 'text';
  readonly title?: string | undefined;
  /** Paragraphs of plain text. */
  readonly lines: readonly string[];
  /** Pictures in full size, and other files: of the engine, or with their bytes. */
  readonly files: readonly Attachment[];
  /** Whether they are to be hidden until they are clicked. @default false */
  readonly spoiler?: boolean | undefined;
}

export type Attachment = {
  /** With its extension. */
  readonly name: string;
  /** A media type. */
  readonly type: string;
  readonly alt?: string | undefined;
} & ({ readonly file: string } | { readonly bytes: Uint8Array });

export interface ListView extends Shown {
  readonly kind: 'list';
  readonly title: string;
  /** Shown where there is no item. */
  readonly empty: string;
  readonly items: readonly ListItem[];
}

export interface ListItem {
  readonly title: string;
  readonly text: string;
  /** The id of the job or analogy. */
  readonly ref: string;
  readonly buttons: readonly Button[];
}

/** A question; one of its buttons does it. */
export interface ConfirmView extends Shown {
  readonly kind: 'confirm';
  readonly text: string;
}

/** What went wrong: never a stack, never a path. */
export interface ProblemView extends Shown {
  readonly kind: 'problem';
  readonly code: string;
  /** What happened. */
  readonly sentence: string;
  /** What to do next. */
  readonly next: string;
  /** After how many seconds it may be tried again, where waiting helps. */
  readonly retrySeconds?: number | undefined;
}

/** The job was cancelled. */
export interface CancelledView extends Shown {
  readonly kind: 'cancelled';
  readonly job: string;
  readonly text: string;
  /** Whether another render took its place: it may be dropped without a word. */
  readonly replaced: boolean;
}

export type View =
  | ProgressView
  | ResultView
  | TextView
  | ListView
  | ConfirmView
  | ProblemView
  | CancelledView;

/** All that bots call. Neither `run` nor `press` throws: what goes wrong is a view. */
export interface Commands {
  /** In English. */
  readonly list: readonly CommandDescription[];
  /** The same, in the same order, in another language; English where there is none. */
  describe(locale: string): readonly CommandDescription[];
  /** @param input by the names of the command's fields, not yet checked */
  run(context: Context, name: string, input: Readonly<Record<string, unknown>>): Views;
  /** @param id of a button of any message, however old; @param values answers to what it asks */
  press(context: Context, id: string, values?: Readonly<Record<string, unknown>>): Views;
  /** What is asked before a button is pressed, as its `asks`: none where nothing is. */
  asks(id: string, locale: string): readonly Field[];
  /** For completion of a field of kind `analogy`: at most 25 names. */
  complete(context: Context, text: string): Promise<readonly string[]>;
  /**
   * Whether answers are seen by whoever asks alone, for platforms that have to say so before there is a
   * view. Asks nothing of the engine, and does not throw.
   */
  isPrivate(context: Context): Promise<boolean>;
  /** Of a view. @throws LikewiseError `FILE_UNKNOWN` */
  file(context: Context, file: string): Promise<{ type: string; bytes: Uint8Array }>;
  /**
   * An error as it may be shown, logged where it is a fault.
   * @param locale a BCP 47 tag. @default 'en'
   */
  problem(error: unknown, locale?: string): ProblemView;
}

export type Views = AsyncGenerator<View, void, undefined>;

/** Where faults are told, e.g. pino's `error`. */
export type Log = (details: Readonly<Record<string, unknown>>, message: string) => void;
