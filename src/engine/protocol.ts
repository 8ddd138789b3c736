/**
 * What crosses the border of the engine's process, as schemas: requests, answers, events. Both sides
 * check what they are sent against these, so that a client and an engine of different versions fail
 * with a clear error and not with a strange result.
 */
import { z } from 'zod';
import { pictureNotes } from './intake/picture.ts';

/** Raised when a message changes so that the other side has to know. */
export const protocolVersion = 1;

/**
 * Names of tenants, users, jobs and pictures: printable, without spaces, safe in a path segment, which
 * `.` and `..` are not: an address is shortened by them.
 */
export const nameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.:@+-]+$/, 'only letters, digits and . _ : @ + - are allowed')
  .refine((text) => text !== '.' && text !== '..', '. and .. are no names');
const name = nameSchema;
const finite = z.number().min(-100).max(100);

/**
 * Who asks. Nothing of one tenant is ever visible to another; its users take turns, and limits hold for
 * each of them and for all together.
 */
export const ownerSchema = z.strictObject({ tenant: name, user: name });
export type Owner = z.output<typeof ownerSchema>;

/** The two dials of Eq. 1; every strength is drawn at every guidance. */
export const dialsSchema = z.strictObject({
  lambda: z.array(finite).min(1).max(100),
  guidance: z.array(z.number().min(0).max(100)).min(1).max(20),
});
export type Dials = z.output<typeof dialsSchema>;

/** Stored directions and what each counts; less than 0 is the opposite change. */
const sumSchema = z
  .array(z.strictObject({ analogy: name, weight: finite }))
  .min(1)
  .max(8);

/** In what a render answers: a labelled grid, its cells alone, or the strengths as a moving picture. */
export const outputs = ['grid', 'cells', 'webp', 'gif'] as const;
export type Output = (typeof outputs)[number];

/** The job whose result this one refines: where an undo leads. */
const parent = name.optional();

/** Most cells of a render of which nothing is kept. */
const mostTransient = 10;

/** A sum or words make a new direction, which would have to be kept. */
function isSmall({ transient, analogies, text, dials }: MaybeTransient): boolean {
  if (!transient) return true;
  const [first] = analogies;
  const isOne = analogies.length === 1 && first?.weight === 1 && !text?.trim();
  return isOne && dials.lambda.length * dials.guidance.length <= mostTransient;
}

interface MaybeTransient {
  readonly transient?: boolean | undefined;
  readonly analogies: readonly { readonly weight: number }[];
  readonly text?: string | undefined;
  readonly dials: Dials;
}

/** What a job is about. Pictures and analogies are named by ids that the engine gave. */
export const jobRequestSchema = z.discriminatedUnion('kind', [
  /** A is to A' (for each pair: their directions are averaged) as B is to … */
  z.strictObject({
    kind: z.literal('analogy'),
    pairs: z
      .array(z.strictObject({ a: name, aPrime: name }))
      .min(1)
      .max(5),
    b: name,
    dials: dialsSchema,
    /** Words that nudge the direction: e + c(text) − c(''). */
    text: z.string().max(300).optional(),
  }),
  /** Stored directions, summed with their weights, on a picture, which is inverted if need be. */
  z.strictObject({
    kind: z.literal('apply'),
    analogies: sumSchema,
    b: name,
    dials: dialsSchema,
    text: z.string().max(300).optional(),
    parent,
  }),
  /** The same on a picture that has been inverted: nothing is inverted, so it is quick or refused. */
  z
    .strictObject({
      kind: z.literal('render'),
      analogies: sumSchema,
      b: name,
      dials: dialsSchema,
      text: z.string().max(300).optional(),
      output: z.enum(outputs).default('grid'),
      parent,
      /**
       * What is asked changes while somebody tries: its pictures are in memory only, and are pushed out
       * by newer ones; it counts no bytes, is not listed, and is unknown a minute after its end.
       */
      transient: z.boolean().optional(),
    })
    .refine(
      isSmall,
      `a transient render is of one direction as it is, and of at most ${mostTransient} cells`,
    ),
]);
/** As it is sent: what has a default may be left out. */
export type JobRequestInput = z.input<typeof jobRequestSchema>;
export type JobRequest = z.output<typeof jobRequestSchema>;

/** Same key, same owner: the same job, however often it is sent. */
export const submitSchema = z.strictObject({ key: name, request: jobRequestSchema });

export const pictureSchema = z.object({
  picture: name,
  /** Of the picture as it came, upright, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** What was done to it that its owner may not expect. */
  remarks: z.array(z.enum(pictureNotes)),
});
export type Picture = z.output<typeof pictureSchema>;

/** An error of the table in `errors.ts`, ready to be read. */
export const problemSchema = z.object({
  code: z.string(),
  /** What happened, and what to do about it. */
  message: z.string(),
  /** By name; `retrySeconds` says after how long it may be tried again, where waiting helps. */
  details: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Problem = z.output<typeof problemSchema>;

const cellSchema = z.object({
  lambda: z.number(),
  guidance: z.number(),
  /** B' in B's shape, a PNG. */
  file: name,
});

export const resultSchema = z.object({
  /** The direction, by which it can be applied again. */
  analogy: name,
  b: name,
  cells: z.array(cellSchema),
  /** The labelled grid, a PNG; absent where cells alone were asked for. */
  grid: name.optional(),
  /** The cell to look at first: the grid marks it. */
  suggested: z.object({ lambda: z.number(), guidance: z.number() }).optional(),
  /** The strengths as a moving picture, where that was asked for. */
  animation: name.optional(),
});
export type JobResult = z.output<typeof resultSchema>;

const event = { id: z.int().nonnegative() };

/** What happens to a job, in order; ids grow. Exactly one of the last three ends it. */
export const jobEventSchema = z.discriminatedUnion('kind', [
  z.object({
    ...event,
    kind: z.literal('waiting'),
    /** 1 is next. */
    position: z.int().positive(),
    /** Seconds until it is done, by the step times measured so far. */
    eta: z.number().nonnegative().optional(),
  }),
  z.object({
    ...event,
    kind: z.literal('progress'),
    /** Whose picture is worked on; absent while B' is drawn. */
    role: z.enum(['A', "A'", 'B']).optional(),
    phase: z.string(),
    step: z.int().nonnegative(),
    steps: z.int().nonnegative(),
    loss: z.number().optional(),
    /** Of the whole job, 0 to 1. */
    fraction: z.number().min(0).max(1),
    eta: z.number().nonnegative().optional(),
    /** A file that shows how far it is. */
    preview: name.optional(),
  }),
  z.object({ ...event, kind: z.literal('done'), result: resultSchema }),
  z.object({ ...event, kind: z.literal('failed'), problem: problemSchema }),
  z.object({ ...event, kind: z.literal('cancelled') }),
]);
export type JobEvent = z.output<typeof jobEventSchema>;

/** Whether nothing comes after an event of this kind. */
export function isLast({ kind }: { readonly kind: string }): boolean {
  return kind === 'done' || kind === 'failed' || kind === 'cancelled';
}

export const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export const jobSchema = z.object({
  job: name,
  user: name,
  state: z.enum(jobStates),
  request: jobRequestSchema,
  /** Milliseconds since 1970. */
  submittedAt: z.number(),
  /** The latest event. */
  latest: jobEventSchema.optional(),
});
export type Job = z.output<typeof jobSchema>;

/** What became of a cancellation: false where the job was over already. */
export const cancelledSchema = z.object({ cancelled: z.boolean() });

/** What `forget` removed, by kind. */
export const forgottenSchema = z.object({
  pictures: z.int(),
  records: z.int(),
  analogies: z.int(),
  jobs: z.int(),
});
export type Forgotten = z.output<typeof forgottenSchema>;

/** Before when all that is a tenant's goes: milliseconds since 1970. */
export const forgetBeforeSchema = z.strictObject({ before: z.int().nonnegative() });

export const analogySchema = z.object({
  analogy: name,
  /** Under which it is in the tenant's library; absent for one that nobody named. */
  name: z.string().min(1).max(64).optional(),
  description: z.string().max(500).optional(),
  owner: name,
  createdAt: z.number(),
});
export type Analogy = z.output<typeof analogySchema>;

const label = z.string().min(1).max(200);
const text = z.string().max(2000);

/** By which a named analogy is found. */
export const referenceSchema = z.union([
  z.strictObject({ name: label }),
  z.strictObject({ analogy: name }),
]);
export type Reference = z.output<typeof referenceSchema>;

export const saveAnalogySchema = z.strictObject({
  analogy: name,
  name: label,
  description: text.optional(),
});
export type SaveAnalogy = z.output<typeof saveAnalogySchema>;

/** What is left out stays as it is; an empty description is removed. */
export const changeAnalogySchema = z.strictObject({
  which: referenceSchema,
  name: label.optional(),
  description: text.optional(),
  /** Whether the caller may change what others saved. */
  moderator: z.boolean().optional(),
});
export type ChangeAnalogy = z.output<typeof changeAnalogySchema>;

export const deleteAnalogySchema = changeAnalogySchema.pick({ which: true, moderator: true });
export type DeleteAnalogy = z.output<typeof deleteAnalogySchema>;

export const listAnalogiesSchema = z.strictObject({
  /** Only what this user saved. */
  owner: name.optional(),
  /** `next` of the page before. */
  after: text.optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
export type ListAnalogies = z.output<typeof listAnalogiesSchema>;

export const analogyPageSchema = z.object({
  analogies: z.array(analogySchema),
  /** Where the next page begins, where there is one. */
  next: z.string().optional(),
});
export type AnalogyPage = z.output<typeof analogyPageSchema>;

/** What the engine is, and how much waits for it. */
export const statusSchema = z.object({
  model: z.object({
    id: z.string(),
    hash: z.string(),
    provider: z.string(),
    /** Of U-Net and decoder: `float32` or `float16`. */
    precision: z.string().optional(),
    /** Those that would have been better, and why they cannot be used. */
    tried: z.array(z.object({ provider: z.string(), why: z.string() })).optional(),
    /** Of its pictures, in pixels. */
    width: z.int(),
    height: z.int(),
  }),
  /** Jobs that wait for the device, of all tenants. */
  waiting: z.object({ render: z.int(), inversion: z.int() }),
  /** Whether new jobs are accepted. */
  accepting: z.boolean(),
});
export type Status = z.output<typeof statusSchema>;
