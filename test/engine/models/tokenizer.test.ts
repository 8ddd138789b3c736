import { describe, expect, it } from 'vitest';
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
