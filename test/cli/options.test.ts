import { describe, expect, test } from 'vitest';
import { defaults } from '../../config/index.ts';
import {
  type AnalogyArguments,
  parseAnalogyArguments,
  usage,
  wantsHelp,
} from '../../src/cli/options.ts';
import { cellName } from '../../src/cli/report.ts';

const pictures = ['A.png', 'A2.png', 'B.png'];
const parse = (...args: string[]) => parseAnalogyArguments(args, defaults) as AnalogyArguments;
const full = (...args: string[]) => parse(...pictures, '--out', 'grid.png', ...args);

describe('the command line', () => {
  test('needs three pictures and a place for the grid, and has defaults for the rest', () => {
    expect(full()).toEqual({
      pictures,
      out: 'grid.png',
      lambda: [0, 0.5, 1, 1.5, 2],
      guidance: [2],
      preset: 'fast',
      mode: 'anchored',
      cells: undefined,
      report: undefined,
      cache: '.cache/likewise',
      model: 'models/avatars',
      seed: 0,
    });
  });

  test('takes every option', () => {
    const args =
      '--lambda 0,1 --guidance 1,3,7 --preset paper --mode classic --cells c --report r.json';
    expect(
      full(...args.split(' '), '--cache', 'none', '--model', 'm', '--seed', '7'),
    ).toMatchObject({
      lambda: [0, 1],
      guidance: [1, 3, 7],
      preset: 'paper',
      mode: 'classic',
      cells: 'c',
      report: 'r.json',
      cache: undefined,
      model: 'm',
      seed: 7,
    });
  });

  test('takes negative strengths with a space or an equals sign', () => {
    expect(full('--lambda', '-1,0,.5').lambda).toEqual([-1, 0, 0.5]);
    expect(full('--lambda=-1.5').lambda).toEqual([-1.5]);
    expect(Object.is(full('--lambda', '-0').lambda[0], 0)).toBe(true);
  });

  test('draws a strength once, however often it is named', () => {
    expect(full('--lambda', '1,0,1.0,+1').lambda).toEqual([1, 0]);
  });

  test('names cells by two decimals, and zero without a sign', () => {
    expect(cellName(-0.001, 3)).toBe('lambda-0.00_guidance-3.00.png');
    expect(cellName(-0.01, 1)).toBe('lambda--0.01_guidance-1.00.png');
    expect(cellName(-10, 1)).toBe('lambda--10.00_guidance-1.00.png');
    expect(() => full('--lambda', '-0.001,0', '--cells', 'c')).toThrow(/too near/);
  });

  test('helps', () => {
    for (const args of ['--help', '-h', 'A.png --help', '--out x --help', '--unknown 1 --help']) {
      expect(wantsHelp(args.split(' '))).toBe(true);
    }
    expect(wantsHelp(pictures)).toBe(false);
    for (const [flag] of usage.matchAll(/--[a-z]+/g)) {
      if (flag !== '--silent') expect(() => full(flag)).not.toThrow(/Unknown/);
    }
  });

  const wrong: [string[], RegExp][] = [
    [[], /Three pictures are needed/],
    [['A.png'], /A' and B are missing/],
    [['A.png', 'A2.png'], /B is missing/],
    [[...pictures, 'C.png'], /"C\.png" is one too many/],
    [pictures, /--out is missing/],
    [[...pictures, '--out', ''], /--out is missing/],
    [[...pictures, '--out', 'grid.jpg'], /must end in \.png/],
    [[...pictures, '--out', 'B.png'], /--out would overwrite B\.png, a picture that is read/],
    [[...pictures, '--out', './x/../A.png'], /would overwrite/],
    [[...pictures, '--out', 'g.png', '--report', 'g.png'], /--report would overwrite/],
    [[...pictures, '--out'], /--out.*argument missing/],
    [
      ['A.png', 'A2.png', `c/${cellName(1, 2)}`, '--out', 'g.png', '--cells', 'c'],
      /--cells would overwrite c\/lambda-1\.00_guidance-2\.00\.png, a picture that is read/,
    ],
    [
      [...pictures, '--out', `c/${cellName(0.5, 2)}`, '--cells', './c'],
      /--cells would overwrite c\/lambda-0\.50_guidance-2\.00\.png, which is --out/,
    ],
  ];
  const wrongOptions: [string[], RegExp][] = [
    [['--strength', '1'], /Unknown option '--strength'/],
    [['--lambda', 'abc'], /--lambda: "abc" is no number/],
    [['--lambda', 'NaN'], /"NaN" is no number/],
    [['--lambda', 'Infinity'], /is no number/],
    [['--lambda', '1e3'], /is no number/],
    [['--lambda', '0x1'], /is no number/],
    [['--lambda', ''], /--lambda lacks a number/],
    [['--lambda', ','], /--lambda lacks a number/],
    [['--lambda', '1,,2'], /--lambda lacks a number/],
    [['--lambda', '1;2'], /"1;2" is no number/],
    [['--lambda', '101'], /out of range, -100 to 100/],
    [['--guidance', '-1'], /out of range, 0 to 100/],
    [['--guidance', 'x'], /--guidance: "x"/],
    [['--seed', '1.5'], /--seed: "1\.5" is no whole number/],
    [['--seed', '-1'], /no whole number/],
    [['--seed', '4294967296'], /no whole number/],
    [['--seed', ''], /no whole number/],
    [['--preset', 'quick'], /"quick" is neither fast nor paper/],
    [['--mode', 'Classic'], /"Classic" is neither anchored nor classic/],
    [['--cells', ''], /--cells is empty/],
    [['--cache', ''], /--cache is empty/],
    [['--model', ''], /--model is empty/],
    [['--lambda', '0.001,0.002', '--cells', 'c'], /too near/],
    [
      ['--lambda', Array.from({ length: 51 }, (_, i) => i).join(), '--guidance', '1,2'],
      /= 102 cells/,
    ],
  ];
  const all = [
    ...wrong,
    ...wrongOptions.map(([args, message]): [string[], RegExp] => [
      [...pictures, '--out', 'g.png', ...args],
      message,
    ]),
  ];
  test.each(all)('%j is refused in one line that says why', (args, message) => {
    const refusal = expect.objectContaining({ code: 'USAGE', exitStatus: 2 });
    expect(() => parse(...args)).toThrow(refusal);
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).toThrow(/^[^\n]*[^.]\. Run with --help[^\n]*\.$/);
  });
});

test.each([
  [1, 3, 'lambda-1.00_guidance-3.00.png'],
  [-0.5, 12, 'lambda--0.50_guidance-12.00.png'],
])('the cell of lambda %d, guidance %d is %s', (lambda, guidance, name) => {
  expect(cellName(lambda, guidance)).toBe(name);
});
