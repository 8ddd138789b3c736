import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Frame, frameOf, frameReader } from '../../../../src/engine/intake/child/frames.ts';

const wide = () => ({ header: 1e6, body: 1e6 });

describe('frames', () => {
  test('arrive as they were sent, however the pipe cuts them', () => {
    const frame = fc.record({ header: fc.jsonValue(), body: fc.uint8Array({ maxLength: 50 }) });
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat(60), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.flatMap(({ header, body }) => frameOf(header, body)));
        const found: Frame[] = [];
        const read = frameReader(wide, (one) => found.push(one));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = 1 + (cuts[i % cuts.length] as number);
          read(bytes.subarray(at, at + length));
          at += length;
        }
        // JSON knows no minus zero.
        expect(found).toEqual(
          sent
            .map((one) => JSON.parse(JSON.stringify(one.header)))
            .map((header, i) => ({ header, body: sent[i]?.body })),
        );
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  test.each([
    ['header', { header: 10, body: 100 }],
    ['body', { header: 100, body: 10 }],
  ])('with too long a %s are refused at the lengths, before the rest', (_, most) => {
    const [lengths] = frameOf('x'.repeat(20), new Uint8Array(20));
    const read = frameReader(
      () => most,
      () => expect.unreachable(),
    );
    expect(() => read(lengths as Uint8Array)).toThrow(RangeError);
  });

  test('whose header is no JSON are refused', () => {
    const read = frameReader(wide, () => expect.unreachable());
    expect(() => read(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x7b]))).toThrow(SyntaxError);
  });
});
