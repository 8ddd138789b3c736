import { ZodError, z } from 'zod';
import { nameSchema } from '../engine/protocol.ts';
import type { Command, Context, Field, LazyFile, View } from './port.ts';

/** A field, and what is taken for it. */
export interface FieldSpec<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly field: Omit<Field, 'name'>;
}
export type FieldSpecs = Readonly<Record<string, FieldSpec>>;
type Values<Specs extends FieldSpecs> = {
  [Name in keyof Specs]: z.output<Specs[Name]['schema']>;
};

/** Dialogs and options of chats send text. */
const numeric = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? Number(value.replace(',', '.')) : value;
const listed = (value: unknown) => {
  const parts = typeof value === 'string' ? value.split(/[\s,;]+/).filter((part) => part) : value;
  return Array.isArray(parts) ? parts.map(numeric) : parts;
};

const fileSchema = z.custom<LazyFile>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as LazyFile).name === 'string' &&
    typeof (value as LazyFile).fetch === 'function',
  'it is no file',
);

/** What the library takes, in UTF-16 units, once a text is composed (NFC). */
const longestName = 64;
const longestDescription = 500;

/** The library's own way with names and descriptions: what it would take is not refused here. */
const composed = (spaces: RegExp) => (value: unknown) =>
  typeof value === 'string' ? value.normalize('NFC').replace(spaces, ' ').trim() : value;

/** The kinds of fields: each makes a required one. */
export const field = {
  picture: (description: string) =>
    ({
      schema: fileSchema,
      field: { kind: 'picture', description, required: true },
    }) satisfies FieldSpec,
  file: (description: string) =>
    ({
      schema: fileSchema,
      field: { kind: 'file', description, required: true },
    }) satisfies FieldSpec,
  text: (description: string, max: number, min = 1) =>
    ({
      schema: z.string().trim().min(min).max(max),
      field: { kind: 'text', description, required: true, min, max },
    }) satisfies FieldSpec,
  /** A new name of an analogy. */
  name: (description: string) =>
    ({
      schema: z.preprocess(composed(/\s+/gu), z.string().min(1).max(longestName)),
      field: { kind: 'text', description, required: true, min: 1, max: longestName },
    }) satisfies FieldSpec,
  /** The description of an analogy. */
  line: (description: string) =>
    ({
      schema: z.preprocess(
        composed(/[\s\p{Cc}\p{Bidi_Control}]+/gu),
        z.string().max(longestDescription),
      ),
      field: { kind: 'text', description, required: true, max: longestDescription },
    }) satisfies FieldSpec,
  analogy: (description: string) =>
    ({
      schema: z.string().trim().min(1).max(200),
      field: { kind: 'analogy', description, required: true, min: 1, max: 200 },
    }) satisfies FieldSpec,
  job: (description: string) =>
    ({
      schema: nameSchema,
      field: { kind: 'job', description, required: true },
    }) satisfies FieldSpec,
  number: (description: string, min: number, max: number) =>
    ({
      schema: z.preprocess(numeric, z.number().min(min).max(max)),
      field: { kind: 'number', description, required: true, min, max },
    }) satisfies FieldSpec,
  /** At most `most` numbers. */
  numbers: (description: string, min: number, max: number, most: number) =>
    ({
      schema: z.preprocess(listed, z.array(z.number().min(min).max(max)).min(1).max(most)),
      field: { kind: 'numbers', description, required: true, min, max },
    }) satisfies FieldSpec,
  flag: (description: string) =>
    ({
      schema: z.preprocess(
        (value) => (value === 'true' ? true : value === 'false' ? false : value),
        z.boolean(),
      ),
      field: { kind: 'flag', description, required: true },
    }) satisfies FieldSpec,
  choice: <const Choices extends readonly [string, ...string[]]>(
    description: string,
    choices: Choices,
  ) =>
    ({
      schema: z.enum(choices),
      field: { kind: 'choice', description, required: true, choices },
    }) satisfies FieldSpec,
};

/** The same field, which may be left out. */
export function optional<Schema extends z.ZodType>(
  spec: FieldSpec<Schema>,
): FieldSpec<z.ZodOptional<Schema>> {
  return { schema: spec.schema.optional(), field: { ...spec.field, required: false } };
}

export function fieldsOf(specs: FieldSpecs): Field[] {
  const fields = Object.entries(specs).map(([name, spec]) => ({ name, ...spec.field }));
  // Chats ask for required options first.
  return fields.sort((a, b) => Number(b.required) - Number(a.required));
}

/** Checks an input: what is empty counts as left out. @throws ZodError, first of what is missing */
export function parseFields<Specs extends FieldSpecs>(
  specs: Specs,
  input: Readonly<Record<string, unknown>>,
): Values<Specs> {
  const filled = Object.entries(input).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const given = Object.fromEntries(filled);
  const missing = Object.entries(specs).filter(
    ([name, spec]) => spec.field.required && !Object.hasOwn(given, name),
  );
  if (missing.length > 0) {
    throw new ZodError(
      missing.map(([name]) => ({
        code: 'custom' as const,
        path: [name],
        input: undefined,
        message: 'it is missing',
        params: { missing: true },
      })),
    );
  }
  return z
    .strictObject(
      Object.fromEntries(Object.entries(specs).map(([name, { schema }]) => [name, schema])),
    )
    .parse(given) as Values<Specs>;
}

export interface CommandOptions<Specs extends FieldSpecs> {
  readonly name: string;
  readonly description: string;
  readonly specs: Specs;
  readonly adminOnly?: boolean;
  /** Whether those may use it, too, who may not use the others: it makes nothing. @default false */
  readonly open?: boolean;
  run(context: Context, input: Values<Specs>): AsyncIterable<View>;
}

/** A command as the others here see it. */
export interface DefinedCommand extends Command {
  readonly open: boolean;
}

export function defineCommand<Specs extends FieldSpecs>(
  options: CommandOptions<Specs>,
): DefinedCommand {
  const { name, description, specs, adminOnly = false, open = false } = options;
  return {
    name,
    description,
    fields: fieldsOf(specs),
    adminOnly,
    open,
    parse: (input) => parseFields(specs, input),
    run: (context, input) => options.run(context, input as Values<Specs>),
  };
}
