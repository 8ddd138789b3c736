import type { Context } from 'hono';
import type { z } from 'zod';
import { LikewiseError } from '../../errors.ts';
import { nameSchema, type Owner } from '../protocol.ts';

export type Variables = { Variables: { owner: Owner } };
export type Ctx = Context<Variables>;

export const refused = (reason: string) => new LikewiseError('ENGINE_REFUSED', { reason });

/** What is no name at all names nothing: it is not handed on. */
export function jobOf(c: Ctx): string {
  const job = c.req.param('job') ?? '';
  if (!nameSchema.safeParse(job).success) throw new LikewiseError('JOB_UNKNOWN', { job });
  return job;
}

export function fileOf(c: Ctx): string {
  const file = c.req.param('file') ?? '';
  if (!nameSchema.safeParse(file).success) throw new LikewiseError('FILE_UNKNOWN', { file });
  return file;
}

export function analogyOf(c: Ctx): string {
  const analogy = c.req.param('analogy') ?? '';
  if (nameSchema.safeParse(analogy).success) return analogy;
  throw new LikewiseError('ANALOGY_UNKNOWN', { name: analogy.slice(0, 80) });
}

export async function bodyOf<Schema extends z.ZodType>(
  c: Ctx,
  schema: Schema,
  limit: number,
): Promise<z.output<Schema>> {
  const bytes = await bytesOf(c, limit);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refused('its body is no JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refused(firstIssue(parsed.error));
  return parsed.data;
}

/** @param tooLarge what is thrown where there are more bytes than the limit */
export async function bytesOf(
  c: Ctx,
  limit: number,
  tooLarge = () => refused(`its body is larger than ${limit} bytes`) as Error,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ? chunksOf(c.req.raw.body) : []) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    parts.push(chunk);
  }
  return new Uint8Array(Buffer.concat(parts));
}

export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) yield chunk;
}

export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'it does not fit'}`;
}

/** What stands in the address, as the schema wants it. */
export function queryOf<Schema extends z.ZodType>(c: Ctx, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(c.req.query());
  if (!parsed.success) throw refused(firstIssue(parsed.error));
  return parsed.data;
}
