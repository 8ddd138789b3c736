import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { unusable } from './unusable.ts';

/**
 * A part's settings; `{}` where the file is absent, which only some exporters write.
 * @throws LikewiseError `MODEL_UNUSABLE`, naming the file and the field
 */
export function readConfig<T>(dir: string, name: string, schema: z.ZodType<T>): T {
  const path = join(dir, name);
  let raw: unknown = {};
  if (existsSync(path)) {
    try {
      raw = JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw unusable(dir, `${name} is no JSON`, cause);
    }
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unusable(dir, `${name}: ${issue?.path.join('.')}: ${issue?.message}`, parsed.error);
}
