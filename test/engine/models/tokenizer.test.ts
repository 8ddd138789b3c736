import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/engine/models/tokenizer.ts';
import { fixtureDir } from './fixtures.ts';

const tokenizer = loadTokenizer(fixtureDir('script'));
const [bos, eos] = [18, 19];
const words = (text: string) =>
  tokenizer
    .encode(text, 12)
    .slice(1)
    .filter((id, i, all) => id !== eos || all.slice(i).some((x) => x !== eos));

describe("CLIP's tokenizer", () => {
  it('merges by rank, within words', () => {
    // abc -> ab c -> abc</w>; dab: (a, b</w>) has a lower rank than (d, a).
    expect(words('abc')).toEqual([10]);
    expect(words('ab')).toEqual([9]);
    expect(words('dab')).toEqual([3, 9]);
    expect(words('a b')).toEqual([4, 5]);
    expect(words('da')).toEqual([3, 4]);
  });

  it('lowers case, and splits at spaces, digits and punctuation', () => {
    expect(words('  ABC \n\t x! ')).toEqual([10, 17, 14]);
    expect(words('ab11')).toEqual([9, 13, 13]);
  });

  it('begins with BOS, ends with EOS, and fills up', () => {
    expect(tokenizer.encode('', 5)).toEqual([bos, eos, eos, eos, eos]);
    expect(tokenizer.encode('a b', 5)).toEqual([bos, 4, 5, eos, eos]);
    expect(tokenizer.encode('a b c d a', 5)).toEqual([bos, 4, 5, 6, eos]);
    expect(tokenizer.maxLength).toBe(8);
    expect([tokenizer.bos, tokenizer.eos, tokenizer.pad]).toEqual([bos, eos, eos]);
  });

  it('reads what it does not know as the unknown token', () => {
    expect(words('a z b')).toEqual([4, eos, 5]);
  });
});

describe("Stable Diffusion 2's tokenizer", () => {
  const second = loadTokenizer(join(import.meta.dirname, '../../fixtures/layouts/sd2'));

  it('fills up with "!", whose id is 0, and still reads it as a word', () => {
    expect(second.pad).toBe(0);
    expect(second.encode('a b', 7)).toEqual([second.bos, 5, 6, second.eos, 0, 0, 0]);
    // "!</w>", the mark at the end of a word, is another token than the padding.
    expect(second.encode('a!', 6)).toEqual([second.bos, 5, 15, second.eos, 0, 0]);
  });
});

describe('a tokenizer in one file', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'likewise-words-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const of = (name: string) => readFileSync(join(fixtureDir('script'), 'tokenizer', name), 'utf8');
  const vocab: Record<string, number> = JSON.parse(of('vocab.json'));
  const merges = of('merges.txt').trim().split('\n').slice(1);
  const special = ['<|startoftext|>', '<|endoftext|>'];
  const write = (name: string, model: object) => {
    const dir = join(scratch, name);
    mkdirSync(join(dir, 'tokenizer'), { recursive: true });
    const added_tokens = special.map((content) => ({ id: vocab[content], content, special: true }));
    writeFileSync(join(dir, 'tokenizer/tokenizer.json'), JSON.stringify({ added_tokens, model }));
    return dir;
  };
  const clip = { type: 'BPE', end_of_word_suffix: '</w>', vocab };

  it.each([
    ['pairs in one text', merges],
    ['pairs of texts', merges.map((pair) => pair.split(' '))],
  ])('is read as two are: %s', (name, pairs) => {
    const single = loadTokenizer(write(name, { ...clip, merges: pairs }));
    for (const text of ['abc dab c', '  ABC \n x!', 'a z b', '']) {
      expect(single.encode(text, 8)).toEqual(tokenizer.encode(text, 8));
    }
    expect(single.vocabulary).toBe(20);
  });

  it('is read where of the two only one is beside it', () => {
    const dir = write('half a pair', { ...clip, merges });
    writeFileSync(join(dir, 'tokenizer/vocab.json'), of('vocab.json'));
    expect(loadTokenizer(dir).encode('abc dab c', 8)).toEqual(tokenizer.encode('abc dab c', 8));
  });

  it('is refused where it is not of CLIP', () => {
    const dir = write('other', { type: 'Unigram', vocab: [] });
    expect(() => loadTokenizer(dir)).toThrow(
      /is not CLIP's: use a model of Stable Diffusion 1 or 2/,
    );
  });
});
