import { expect, it } from 'vitest';
import { cacheKey } from '../../../src/cache/index.ts';
import { inversionVersion, presets, tokensOptions } from '../../../src/engine/inversion/index.ts';
import { createInverter } from '../../../src/engine/pipeline/index.ts';
import { createToyModel } from '../toy-model.ts';

const toy = createToyModel();
const picture = { pixels: new Float32Array(), sha256: 'picture' };
const seed = 7;
/** Of both searches, as a model of this arithmetic has them. */
function keysOf(arithmetic: Partial<typeof toy>) {
  const model = { ...toy, ...arithmetic };
  const inverter = createInverter(model, { preset: presets.fast, seed, scope: 'tenant' });
  const none = new Float32Array();
  const described = { key: 'described', tokens: none, start: none, c: none };
  return [inverter.tokens(picture).key, inverter.noise(picture, described as never).key];
}

it('has other keys for each precision and provider', () => {
  const keys = (['cpu', 'webgpu'] as const).flatMap((provider) =>
    (['float32', 'float16'] as const).flatMap((precision) => keysOf({ provider, precision })),
  );
  expect(new Set(keys).size).toBe(8);
});

it.each([
  ['float32', 'cpu'],
  ['float16', 'cpu float16'],
] as const)(
  'finds in %s what was kept before precision was a field of its own',
  (precision, old) => {
    const [key] = keysOf({ provider: 'cpu', precision });
    expect(key).toBe(
      cacheKey({
        scope: 'tenant',
        image: 'picture',
        model: `${toy.hash} ${old}`,
        algorithm: 'tokens',
        parameters: { ...tokensOptions(presets.fast, toy), seed, reference: null },
        version: inversionVersion,
      }),
    );
  },
);
