import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FormatsPlugin } from 'ajv-formats';
import formats from 'ajv-formats';

/** One thing that a zod schema finds wrong. */
interface Issue {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message?: string;
  readonly errors?: readonly (readonly Issue[])[];
}

interface Parser {
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly Issue[] } };
}

// The package says no types of its schemas: they are looked up by name.
const named: string = 'discord-api-spec/zod';
const zod = (await import(named)) as Readonly<Record<string, Parser | undefined>>;

/** Discord's own document, where it lies beside the repository. */
const DOCUMENT = fileURLToPath(
  new URL('../../../../../shared/schemas/discord-openapi.json', import.meta.url),
);
export const hasDocument = existsSync(DOCUMENT);

let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

function document(name: string): ValidateFunction {
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: false, logger: false });
    (formats as unknown as FormatsPlugin)(ajv);
    const { components } = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as { components: object };
    ajv.addSchema({ $id: 'discord', components });
  }
  const check = compiled.get(name) ?? ajv.compile({ $ref: `discord#/components/schemas/${name}` });
  compiled.set(name, check);
  return check;
}

/** The branch of a union that was meant: the one whose `type` is right. */
function flat(issue: Issue, at: readonly (string | number)[] = []): string[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors !== undefined) {
    const meant = issue.errors.filter(
      (branch) => !branch.some((one) => one.path.length === 1 && one.path[0] === 'type'),
    );
    const closest = meant.length === 1 ? meant[0] : undefined;
    if (closest !== undefined) return closest.flatMap((one) => flat(one, path));
  }
  return [`${path.join('.') || 'body'} is not as Discord's document has it (${issue.code})`];
}

/** Holds a body against one of the schemas of Discord's document. */
export function againstDocument(name: string, body: unknown): string[] {
  const schema = zod[`${name}Schema`];
  if (schema === undefined) throw new Error(`Discord's document has no ${name}`);
  const result = schema.safeParse(body);
  const found = (result.error?.issues ?? []).flatMap((issue) => flat(issue));
  if (!hasDocument) return found;
  const check = document(name);
  if (check(body)) return found;
  // A union names every branch: the deepest place is where it went wrong.
  const worst = (check.errors ?? []).reduce(
    (deep, one) => (one.instancePath.length > deep.instancePath.length ? one : deep),
    (check.errors ?? [])[0] ?? { instancePath: '', message: 'wrong' },
  );
  return [...found, `${name}${worst.instancePath}: ${worst.message ?? 'wrong'}`];
}
