import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPress, longestId, parsePress, rounded } from '../../src/commands/press.ts';

const action = fc.stringMatching(/^[a-z]{1,16}$/);
const ref = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => `e.${id}`),
  fc.constant(undefined),
);
const number = fc
  .double({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true })
  .map(rounded);
const numbers = fc.array(number, { maxLength: 4 });

describe('what a button says', () => {
  test('comes back as it was, and is short', () => {
    fc.assert(
      fc.property(fc.record({ action, ref, numbers }), (press) => {
        const id = formatPress(press);
        expect(id.length).toBeLessThanOrEqual(longestId);
        expect(id).toMatch(/^[\w.:@+~-]+$/);
        const { ref: wanted, ...rest } = press;
        expect(parsePress(id)).toEqual(wanted === undefined ? rest : press);
      }),
    );
  });

  test('is nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const press = parsePress(text);
        // Whatever is taken for a press is one.
        if (press) expect(parsePress(formatPress(press))).toEqual(press);
      }),
    );
    for (const id of ['Pick', 'pick~a b', 'pick~a~1e9', 'pick~a~', 'pick~a~NaN', 'p~a~1~1~1~1~1']) {
      expect(parsePress(id)).toBeUndefined();
    }
  });

  test('is refused rather than cut', () => {
    expect(() => formatPress({ action: 'pick', ref: 'x'.repeat(100), numbers: [] })).toThrow(
      RangeError,
    );
  });
});
