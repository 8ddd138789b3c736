import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';
import { type AnalogyModel, requireModel, type StoredAnalogy } from './analogy.ts';
import { checkDescription, checkName } from './names.ts';
import { type FileLimits, type FileTensor, readTensors, writeTensors } from './safetensors.ts';

/** An analogy as it travels between installations. */
export interface AnalogyFile {
  readonly analogy: StoredAnalogy;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

const format = 'likewise-analogy';
const formatVersion = 1;

const count = z
  .string()
  .regex(/^\d{1,9}$/, 'it is no whole number')
  .transform(Number);
const word = z
  .string()
  .regex(/^[\w.:@+-]{1,128}$/, 'it is no name of letters, digits and . _ : @ + -');

/** What stands in the file's metadata, all of it text; what is unknown is passed over. */
const metadataSchema = z.object({
  model: z.string().min(1).max(200),
  model_hash: word,
  tokens: count,
  algorithm: word,
  algorithm_version: count,
  created: z.iso.datetime().transform((text) => Date.parse(text)),
  name: z.string().optional(),
  description: z.string().optional(),
});

/**
 * An analogy as a `.safetensors` file; README.md of this room says what is in it. Equal analogies give
 * equal bytes.
 */
export function exportAnalogy({ analogy, name, description }: AnalogyFile): Uint8Array {
  const { model, direction, shape, features, algorithm, createdAt } = analogy;
  const tensors = new Map<string, FileTensor>([['direction', { shape, data: direction }]]);
  if (features) {
    tensors.set('a', { shape, data: features.a });
    tensors.set('a_prime', { shape, data: features.aPrime });
  }
  const metadata = {
    format,
    format_version: String(formatVersion),
    model: model.id,
    model_hash: model.hash,
    tokens: String(algorithm.tokens),
    algorithm: algorithm.name,
    algorithm_version: String(algorithm.version),
    created: new Date(createdAt).toISOString(),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
  return writeTensors({ metadata, tensors });
}

/**
 * The analogy of a file that anybody may have made.
 *
 * @param model the one that it is to be used with
 * @throws LikewiseError `ANALOGY_FILE_…` for a file that is no whole and honest analogy,
 *   `ANALOGY_OTHER_MODEL` for one of another model, `ANALOGY_NAME_INVALID` or
 *   `ANALOGY_DESCRIPTION_INVALID` for what it is called
 */
export function importAnalogy(
  bytes: Uint8Array,
  model: AnalogyModel,
  limits?: FileLimits,
): AnalogyFile {
  const { metadata, tensors } = readTensors(bytes, limits);
  const about = aboutOf(metadata);
  const made = { id: about.model, hash: about.model_hash };
  requireModel({ model: made }, model);
  const shape = [model.text.length, model.text.width] as const;
  const names = [...tensors.keys()].sort().join(', ');
  if (names !== 'direction' && names !== 'a, a_prime, direction') {
    throw new LikewiseError('ANALOGY_FILE_TENSORS', { tensors: names.slice(0, 80) || 'nothing' });
  }
  const [direction, a, aPrime] = ['direction', 'a', 'a_prime'].map((name) =>
    checked(name, tensors.get(name), shape),
  );
  const name = about.name === undefined ? undefined : checkName(about.name);
  const description = checkDescription(about.description);
  const algorithm = {
    name: about.algorithm,
    version: about.algorithm_version,
    tokens: about.tokens,
  };
  return {
    analogy: {
      model: made,
      direction: direction as Float32Array,
      shape,
      ...(a && aPrime && { features: { a, aPrime } }),
      algorithm,
      createdAt: about.created,
    },
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
}

function aboutOf(metadata: Readonly<Record<string, string>>): z.output<typeof metadataSchema> {
  const wrong = (key: string, reason: string) =>
    new LikewiseError('ANALOGY_FILE_METADATA', { key, reason });
  if (metadata.format !== format) throw wrong('format', `it has to be "${format}"`);
  if (metadata.format_version !== String(formatVersion)) {
    const version = (metadata.format_version ?? 'none').slice(0, 20);
    throw new LikewiseError('ANALOGY_FILE_VERSION', { version, supported: formatVersion });
  }
  const result = metadataSchema.safeParse(metadata);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = String(issue?.path[0] ?? 'metadata');
  throw wrong(
    key,
    metadata[key] === undefined ? 'it is missing' : (issue?.message ?? 'it is wrong'),
  );
}

function checked(
  tensor: string,
  found: FileTensor | undefined,
  expected: readonly [number, number],
): Float32Array | undefined {
  if (!found) return undefined;
  const { shape, data } = found;
  if (shape.length !== 2 || shape.some((dim, i) => dim !== expected[i])) {
    const details = { tensor, shape: `[${shape}]`, expected: `[${expected}]` };
    throw new LikewiseError('ANALOGY_FILE_SHAPE', details);
  }
  if (!data.every(Number.isFinite)) throw new LikewiseError('ANALOGY_FILE_NUMBERS', { tensor });
  return data;
}
