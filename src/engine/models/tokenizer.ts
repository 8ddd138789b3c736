import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { unusable } from './unusable.ts';

export interface ClipTokenizer {
  readonly bos: number;
  readonly eos: number;
  /** What follows EOS: EOS again for most models. */
  readonly pad: number;
  readonly vocabulary: number;
  /** Ids of the text, `length` of them: BOS, words, EOS, padding. Too long a text is cut. */
  encode(text: string, length: number): number[];
  /** The longest sequence that the tokenizer's settings name, if they do. */
  readonly maxLength: number | undefined;
}

/** The words that CLIP's BPE is applied to (Radford et al., arXiv 2103.00020). */
const words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** Whether a folder has CLIP's words, in either of the two ways they are written. */
export function hasTokenizer(dir: string): boolean {
  return hasPair(dir) || existsSync(join(dir, 'tokenizer/tokenizer.json'));
}

const hasPair = (dir: string) =>
  ['vocab.json', 'merges.txt'].every((name) => existsSync(join(dir, 'tokenizer', name)));

/**
 * CLIP's byte-pair tokenizer from `vocab.json` and `merges.txt`, or from the `tokenizer.json` that newer
 * exporters write in their place. How text is split into words is CLIP's in both cases.
 * @throws LikewiseError `MODEL_UNUSABLE` where the files are of another kind of tokenizer
 */
export function loadTokenizer(dir: string): ClipTokenizer {
  const read = (name: string) => readFileSync(join(dir, 'tokenizer', name), 'utf8');
  const { vocab, merges, file } = hasPair(dir)
    ? fromPair(dir, read)
    : fromSingle(dir, read('tokenizer.json'));
  const special = parseJson(
    optional(() => read('special_tokens_map.json')),
    dir,
    'tokenizer/special_tokens_map.json',
  );
  const config = parseJson(
    optional(() => read('tokenizer_config.json')),
    dir,
    'tokenizer/tokenizer_config.json',
  );
  const bosToken = tokenText(special.bos_token ?? config.bos_token) ?? '<|startoftext|>';
  const eosToken = tokenText(special.eos_token ?? config.eos_token) ?? '<|endoftext|>';
  const padToken = tokenText(special.pad_token ?? config.pad_token) ?? eosToken;
  const unkToken = tokenText(special.unk_token ?? config.unk_token) ?? eosToken;
  const id = (token: string): number => {
    const value = vocab[token];
    if (typeof value !== 'number') {
      throw unusable(dir, `${file} has no "${token}"`);
    }
    return value;
  };
  const [bos, eos, pad] = [id(bosToken), id(eosToken), id(padToken)];

  const tokenizer = new Tokenizer(
    {
      version: '1.0',
      added_tokens: [bosToken, eosToken].map((content) => ({
        id: id(content),
        content,
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      })),
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'NFC' },
          { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
          { type: 'Lowercase' },
        ],
      },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: null,
      model: {
        type: 'BPE',
        unk_token: unkToken,
        continuing_subword_prefix: '',
        end_of_word_suffix: '</w>',
        fuse_unk: false,
        vocab,
        merges,
      },
    },
    { ...config, bos_token: bosToken, eos_token: eosToken, unk_token: unkToken },
  );

  const maxLength = Number(config.model_max_length);
  return {
    bos,
    eos,
    pad,
    vocabulary: Object.keys(vocab).length,
    maxLength: maxLength > 0 && maxLength < 1e6 ? maxLength : undefined,
    encode(text, length) {
      const { ids } = tokenizer.encode(text.trim(), { add_special_tokens: false });
      const sequence = [bos, ...Array.from(ids, Number).slice(0, length - 2), eos];
      return [...sequence, ...new Array<number>(length - sequence.length).fill(pad)];
    },
  };
}

interface Words {
  vocab: Record<string, unknown>;
  /** Pairs, the earlier merged first. */
  merges: string[];
  /** Where they stand. */
  file: string;
}

function fromPair(dir: string, read: (name: string) => string): Words {
  const merges = read('merges.txt')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#version'));
  const file = 'tokenizer/vocab.json';
  return { vocab: parseJson(read('vocab.json'), dir, file), merges, file };
}

const singleSchema = z.object({
  model: z.object({
    type: z.literal('BPE'),
    end_of_word_suffix: z.literal('</w>'),
    vocab: z.record(z.string(), z.number()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
  added_tokens: z.array(z.object({ id: z.number(), content: z.string() })).default([]),
});

function fromSingle(dir: string, text: string): Words {
  const file = 'tokenizer/tokenizer.json';
  const parsed = singleSchema.safeParse(parseJson(text, dir, file));
  if (!parsed.success) {
    const reason = `${file} is not CLIP's: use a model of Stable Diffusion 1 or 2`;
    throw unusable(dir, reason, parsed.error);
  }
  const { model, added_tokens: added } = parsed.data;
  const own = Object.fromEntries(added.map(({ id, content }) => [content, id]));
  const merges = model.merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' ')));
  return { vocab: { ...model.vocab, ...own }, merges, file };
}

/** Special tokens stand in the files as text, or as an object with the text in `content`. */
function tokenText(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  const content = (entry as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
}

function optional(read: () => string): string {
  try {
    return read();
  } catch {
    return '{}';
  }
}

function parseJson(text: string, dir: string, name: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(dir, `${name} is no JSON`, cause);
  }
}
