import { describe, expect, test } from 'vitest';
import { errorData, errorFrom } from '../../src/errors/data.ts';
import { LikewiseError } from '../../src/errors.ts';

describe('an error as data', () => {
  const error = new LikewiseError('PICTURE_TOO_HEAVY', { picture: 'B', megabytes: 30, limit: 25 });

  test('is the same error again after a trip through JSON', () => {
    const again = errorFrom(JSON.parse(JSON.stringify(errorData(error))));
    expect(again).toBeInstanceOf(LikewiseError);
    expect(again).toMatchObject({ code: error.code, details: error.details });
    expect(again?.message).toBe(error.message);
  });

  test.each(['INTERNAL', '__proto__', 'toString'])('is none where the code is %s', (code) => {
    expect(errorFrom({ code, details: {} })).toBeUndefined();
  });
});
