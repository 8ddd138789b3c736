import type { Context as Request } from 'hono';
import { z } from 'zod';
import type { LazyFile } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import { hasFiles } from './uploads.ts';

/** The alphabet of ids; the page makes them at random. */
const id = z.string().regex(/^[\w.:@+-]{8,100}$/);

/** A small picture that the page made: such an address can hold nothing but pixels. */
const small = z
  .string()
  .max(24_000)
  .regex(/^data:image\/(png|webp|jpeg);base64,[\w+/=]+$/);

const common = {
  /** The same where the page asks again: nothing is done twice. */
  interaction: id,
  /** The message in which the answer belongs; a new one where it is left out. */
  message: id.optional(),
  title: z.string().max(200).default(''),
  look: z.partialRecord(z.enum(['a', 'aPrime', 'b']), small).default({}),
};

export const runSchema = z.strictObject({
  ...common,
  command: z.string().max(32),
  input: z.record(z.string(), z.unknown()).default({}),
});
export const pressSchema = z.strictObject({
  ...common,
  /** Whether there is such a button, the commands say. */
  button: z.string().max(1000),
  values: z.record(z.string(), z.unknown()).default({}),
});
const glance = { interaction: id, message: id };
export const liveSchema = z.union([
  z.strictObject({ ...glance, button: z.string().min(1).max(100) }),
  z.strictObject({
    ...glance,
    job: z.string().min(1).max(128),
    lambda: z.number().min(-10).max(10),
    guidance: z.number().min(0).max(20),
    /** The slider was let go: what is drawn there can be gone on from. */
    final: z.boolean().default(false),
  }),
]);
export const signInSchema = z.strictObject({ password: z.string().max(1000) });

/** @throws LikewiseError `BAD_REQUEST` */
export async function jsonOf<Schema extends z.ZodType>(
  c: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  return checked(schema, await c.req.json().catch(() => undefined));
}

export interface Form<Request> {
  readonly request: Request;
  readonly files: Readonly<Record<string, LazyFile>>;
  /** Lets go of the files, which are held in memory: whoever follows a job for long needs them no more. */
  drop(): void;
}

/**
 * A form of the page: `request` is JSON, and `file.NAME` a file for the input of that name.
 * @throws LikewiseError `BAD_REQUEST`
 */
export async function formOf<Schema extends z.ZodType>(
  c: Request,
  schema: Schema,
): Promise<Form<z.output<Schema>>> {
  if (!hasFiles(c)) return { request: await jsonOf(c, schema), files: {}, drop() {} };
  // What is over the limit is cut off by then, and told as such.
  const form = await c.req.formData();
  const text = form.get('request');
  let value: unknown;
  try {
    value = JSON.parse(typeof text === 'string' ? text : '');
  } catch {
    value = undefined;
  }
  const files: Record<string, LazyFile> = {};
  const parts = new Map<string, File>();
  for (const [name, part] of form) {
    const field = /^file\.(\w{1,32})$/.exec(name)?.[1];
    if (field === undefined || typeof part === 'string') continue;
    parts.set(field, part);
    files[field] = {
      name: part.name.slice(0, 200) || 'picture',
      size: part.size,
      async fetch() {
        const bytes = await parts.get(field)?.arrayBuffer();
        if (!bytes) throw new Error('the file was read already');
        return new Uint8Array(bytes);
      },
    };
  }
  return { request: checked(schema, value), files, drop: () => parts.clear() };
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const reason = `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it cannot be read'}`;
  throw new LikewiseError('BAD_REQUEST', { reason: reason.slice(0, 300) });
}
