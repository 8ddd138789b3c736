import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../bench/quality/changes.ts';
import type { Plan } from '../../bench/quality/plan.ts';
import { type AnalogyRecord, type CellRecord, shareMade } from '../../bench/quality/record.ts';
import { reportOf } from '../../bench/quality/report.ts';
import { drawSheet, packPicture, unpackPicture } from '../../bench/quality/sheet.ts';
import { scoreTable, summary } from '../../bench/quality/table.ts';
import { bestSetting, interval, median, score, suggestedScore } from '../../bench/quality/tally.ts';

const cell = (right: boolean, keptDb: number | null = 20): CellRecord => ({
  right,
  nearest: right ? 'truth' : 'B',
  keptDb,
  made: right ? 1 : 0,
});

function record(
  index: number,
  kind: Kind,
  across: boolean,
  right: [boolean, boolean],
): AnalogyRecord {
  return {
    index,
    split: 'test',
    change: { kind, slot: 'mouth', from: 'smile', to: 'sad' },
    across,
    captions: [],
    candidates: 3,
    verdicts: {
      ours: {
        'lambda 1, guidance 3': cell(right[0], 30),
        'lambda 2, guidance 3': cell(right[1], 10),
      },
    },
  };
}

const records = [
  record(0, 'mouth', false, [true, true]),
  record(1, 'mouth', true, [false, true]),
  record(2, 'skin', true, [false, true]),
  record(3, 'skin', false, [false, false]),
];
const one = 'lambda 1, guidance 3';

describe('scores', () => {
  it('count at a setting, and wherever some cell is right', () => {
    expect(score(records, 'ours', one)).toEqual({
      atSetting: { hits: 1, of: 4 },
      best: { hits: 3, of: 4 },
      keptDb: 30,
      keptMedianDb: 30,
      made: 0.25,
    });
    expect(score(records, 'none', one)).toMatchObject({
      atSetting: { hits: 0, of: 0 },
      keptDb: null,
    });
  });

  it('find the single setting that is right most often', () => {
    expect(bestSetting(records, 'ours')).toBe('lambda 2, guidance 3');
    expect(bestSetting([], 'ours')).toBeUndefined();
  });

  it('do not count a cell that asks for no change', () => {
    const [first] = records as [AnalogyRecord];
    const still = { ...first, verdicts: { ours: { 'lambda 0, guidance 3': cell(true) } } };
    expect(score([still], 'ours', one).best).toEqual({ hits: 0, of: 1 });
    expect(bestSetting([still], 'ours')).toBeUndefined();
    const half = { ...first, verdicts: { ours: { 'lambda 0.5, guidance 3': cell(true) } } };
    expect(score([half], 'ours', one).best).toEqual({ hits: 1, of: 1 });
  });

  it("give Wilson's interval", () => {
    const [low, high] = interval({ hits: 70, of: 100 });
    expect([low, high].map((p) => Number(p.toFixed(4)))).toEqual([0.6042, 0.7811]);
    expect(interval({ hits: 0, of: 0 })).toEqual([0, 1]);
    expect(median([4, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('how much of the change was made', () => {
  it('is 0 for B, 1 for the truth, and linear between', () => {
    const [b, truth] = [Uint8Array.of(0, 10, 20), Uint8Array.of(100, 10, 0)];
    expect(shareMade(b, b, truth)).toBe(0);
    expect(shareMade(truth, b, truth)).toBe(1);
    expect(shareMade(Uint8Array.of(50, 99, 10), b, truth)).toBe(0.5);
  });
});

describe('the table', () => {
  const columns = [{ method: 'ours', title: 'Likewise', dial: one }];

  it('has a row for each kind and total', () => {
    const lines = scoreTable(records, columns).split('\n');
    expect(lines.map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
      '| Likewise',
      '| λ 1, σ 3',
      'change n | right best kept',
      expect.stringMatching(/^-+\|-+$/),
      'mouth 2 | 50 % 100 % 30.0',
      'skin 2 | 0 % 50 % 30.0',
      expect.stringMatching(/^-+\|-+$/),
      'same style 2 | 50 % 50 % 30.0',
      'across styles 2 | 0 % 100 % 30.0',
      'all 4 | 25 % 75 % 30.0',
    ]);
    expect(new Set(lines.slice(2).map((line) => line.length)).size).toBe(1);
  });

  it('is followed by sentences with round trips and costs, where they were measured', () => {
    expect(summary(records, columns).split('\n')).toHaveLength(1);
    const more = records.map((r, i) => ({
      ...r,
      inversion: { unetForward: 10 * i, unetVjp: 5, seconds: i, cached: i === 3 },
      roundTrip: { autoencoderDb: 30, lambdaZeroDb: { 1: 29.9, 7: 29 + i } },
    }));
    const text = summary(more, columns);
    expect(text).toContain('autoencoder 30.00 dB; round trip 29.90 at sigma 1, 30.50 at sigma 7');
    expect(text).toContain('at worst 1.00 dB below');
    expect(text).toContain(
      'inversions of 3 analogies: on average 10 U-Net forwards and 5 forwards',
    );
  });

  it('says how good the suggested cells are, where there were suggestions', () => {
    const dials = ['lambda 1, guidance 3', 'lambda 2, guidance 3', 'lambda 1, guidance 3'];
    const more = records.map((r, i) => {
      const dial = dials[i];
      return dial === undefined ? r : { ...r, suggested: { ours: dial } };
    });
    // Right at 1; right at 2 alone; wrong at 1; without a suggestion.
    expect(suggestedScore(more, 'ours')).toEqual({
      atSetting: { hits: 2, of: 3 },
      keptDb: 70 / 3,
      keptMedianDb: 30,
      made: 2 / 3,
    });
    expect(suggestedScore(records, 'ours')).toBeUndefined();
    expect(summary(more, columns)).toContain('Likewise (suggested strength): 67 % right');
  });

  it('and the report say the same', () => {
    const plan = {
      methods: ['ours'],
      suggested: { lambda: 1, guidance: 3 },
      mode: 'anchored',
    } as unknown as Plan;
    const report = reportOf(plan, 'hash', records);
    expect(report.groups.at(-1)).toMatchObject({
      title: 'all',
      scores: { ours: { accuracy: 0.25, accuracyBestCell: 0.75, keptDb: 30 } },
    });
    expect(report.mistakes).toHaveLength(3);
    expect(JSON.parse(JSON.stringify(report)).analogies).toHaveLength(4);
  });
});

describe('the contact sheet', () => {
  const size = { width: 8, height: 8 };
  const flat = (value: number) => new Uint8Array(3 * 64).fill(value);

  it('keeps pictures through the journal', () => {
    const picture = Uint8Array.from({ length: 192 }, (_, i) => (i * 7) % 256);
    expect(unpackPicture(packPicture(picture))).toEqual(picture);
  });

  it('frames what is right in green and what is wrong not', async () => {
    const content = (right: boolean) => ({
      heading: 'Analogies',
      size,
      groups: [
        { title: 'truth', columns: ['A'] },
        { title: 'ours', columns: ['λ 1'] },
      ],
      rows: [
        {
          title: 'smile → sad',
          subtitle: 'mouth',
          tiles: [{ picture: flat(9) }, { picture: flat(90), right }],
        },
      ],
    });
    const [good, bad] = [await drawSheet(content(true)), await drawSheet(content(false))];
    const green = async (png: Uint8Array) => {
      const { data } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      let count = 0;
      for (let i = 0; i < data.length; i += 3) {
        if (data[i] === 0x23 && data[i + 1] === 0x91 && data[i + 2] === 0x5a) count++;
      }
      return count;
    };
    expect(await green(good)).toBeGreaterThan(500);
    expect(await green(bad)).toBe(0);
    expect(Buffer.compare(good, await drawSheet(content(true)))).toBe(0);
  });

  it('refuses rows that do not fit the columns', async () => {
    const groups = [{ title: '', columns: ['A', 'B'] }];
    const rows = [{ title: 'x', subtitle: '', tiles: [{ picture: flat(1) }] }];
    await expect(drawSheet({ heading: '', size, groups, rows })).rejects.toThrow('1 tiles for 2');
  });
});
