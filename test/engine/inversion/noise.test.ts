import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../src/cache/index.ts';
import {
  drive,
  findNoise,
  fixedPoint,
  noiseLossGradient,
  noisyStart,
  type Procedure,
} from '../../../src/engine/inversion/index.ts';
import { createRandom } from '../../../src/engine/inversion/random.ts';
import { meanSquaredError } from '../../../src/engine/models/index.ts';
import { sample } from '../../../src/engine/synthesis/index.ts';
import { createToyModel, type ToyOptions, toyPicture } from '../toy-model.ts';

async function scene(options: ToyOptions = {}) {
  const model = createToyModel(options);
  const pixels = await toyPicture(model, 5);
  const z = (await model.encode(pixels)).data;
  const c = createRandom(2, 'c').gaussians(model.text.length * model.text.width);
  return { model, pixels, z, c };
}

const predictions = ['epsilon', 'v_prediction'] as const;

describe('fixed-point inversion', () => {
  for (const prediction of predictions) {
    it(`finds the noise that the sampler turns into the latents: ${prediction}`, async () => {
      const { model, z, c } = await scene({ prediction });
      const options = { steps: 10, iterations: 30, tolerance: 1e-6 };
      const { noise, trace } = await drive(fixedPoint(model, { z, c }, options));
      expect(trace.length).toBe(10);
      for (const residual of trace) expect(residual).toBeLessThan(1e-6);
      const [back] = await sample(model, noise, [[{ weight: 1, c }]], { steps: 10 });
      expect(Math.sqrt(meanSquaredError(back ?? [], z))).toBeLessThan(1e-4);
    });
  }

  it('gets nearer with each iteration, and stops when near enough', async () => {
    const { model, z, c } = await scene();
    const error = async (iterations: number, tolerance = 0) => {
      const before = model.counters.unetForward;
      const { noise } = await drive(
        fixedPoint(model, { z, c }, { steps: 10, iterations, tolerance }),
      );
      const evaluations = model.counters.unetForward - before;
      const [back] = await sample(model, noise, [[{ weight: 1, c }]], { steps: 10 });
      return { error: meanSquaredError(back ?? [], z), evaluations };
    };
    const [one, three, six] = [await error(1), await error(3), await error(6)];
    expect(three.error).toBeLessThan(one.error / 2);
    expect(six.error).toBeLessThan(three.error / 2);
    expect(one.evaluations).toBe(10);
    // A step that has arrived at a residual of 0 does not go on.
    expect(six.evaluations).toBeLessThanOrEqual(60);
    expect((await error(30, 1e-2)).evaluations).toBeLessThan(60);
  });

  it('halves its steps where the iteration does not contract', async () => {
    // A slope of U this large makes G expand: undamped iterates run away.
    const { model, z, c } = await scene({ bend: 6 });
    const { noise, trace } = await drive(
      fixedPoint(model, { z, c }, { steps: 10, iterations: 20, tolerance: 1e-6 }),
    );
    for (const value of noise) expect(Number.isFinite(value)).toBe(true);
    const plain = await drive(
      fixedPoint(model, { z, c }, { steps: 10, iterations: 1, tolerance: 0 }),
    );
    expect(Math.max(...trace)).toBeLessThan(Math.max(...plain.trace));
  });
});

describe('Eq. 3', () => {
  for (const prediction of predictions) {
    it(`has the gradient that finite differences have: ${prediction}`, async () => {
      const { model, pixels, z, c } = await scene({ prediction });
      const noise = noisyStart(model.schedule, z, 10, 1);
      const at = (x: Float32Array) => noiseLossGradient(model, { pixels, z, c }, x, 10);
      const { gradient } = await at(noise);
      for (const i of [0, 7, 19, 31]) {
        const h = 1e-2;
        const moved = (by: number) => noise.map((v, k) => (k === i ? v + by : v));
        const slope = ((await at(moved(h))).loss - (await at(moved(-h))).loss) / (2 * h);
        expect(Math.abs(slope - (gradient[i] as number))).toBeLessThan(
          2e-3 * Math.max(...gradient.map(Math.abs)),
        );
      }
    });
  }

  it('is solved by L-BFGS from the noisy start, and at a fixed point there is little left', async () => {
    const { model, pixels, z, c } = await scene();
    const options = { steps: 10, evaluations: 60, lbfgs: {} };
    const start = noisyStart(model.schedule, z, 10, 1);
    const solved = await drive(findNoise(model, { pixels, z, c, start }, options));
    expect(solved.trace[0]).toBeGreaterThan(0.05);
    expect(Math.min(...solved.trace)).toBeLessThan((solved.trace[0] ?? 0) / 100);

    const near = await drive(
      fixedPoint(model, { z, c }, { steps: 10, iterations: 20, tolerance: 1e-6 }),
    );
    const refined = await drive(findNoise(model, { pixels, z, c, start: near.noise }, options));
    expect(refined.trace[0]).toBeLessThan((solved.trace[0] ?? 0) / 20);
    expect(Math.min(...refined.trace)).toBeLessThanOrEqual(refined.trace[0] ?? 0);
  });

  it('costs M forward and M backward evaluations a step', async () => {
    const { model, pixels, z, c } = await scene();
    const procedure = findNoise(
      model,
      { pixels, z, c, start: z },
      { steps: 10, evaluations: 3, lbfgs: {} },
    );
    await drive(procedure);
    expect(model.counters).toEqual({ unetForward: 30, unetVjp: 30 });
  });
});

describe('both', () => {
  const procedures: Record<
    string,
    (s: Awaited<ReturnType<typeof scene>>) => Procedure<unknown, unknown>
  > = {
    'fixed point': ({ model, z, c }) =>
      fixedPoint(model, { z, c }, { steps: 4, iterations: 4, tolerance: 1e-9 }) as Procedure<
        unknown,
        unknown
      >,
    'Eq. 3': ({ model, pixels, z, c }) =>
      findNoise(
        model,
        { pixels, z, c, start: z },
        { steps: 4, evaluations: 9, lbfgs: {} },
      ) as Procedure<unknown, unknown>,
  };
  for (const [name, make] of Object.entries(procedures)) {
    it(`resume from a saved state, bit for bit: ${name}`, async () => {
      const states: Uint8Array[] = [];
      const whole = await drive(make(await scene()), {
        onState: (state) => void states.push(pack(state as never)),
      });
      expect(states.length).toBeGreaterThan(5);
      for (const saved of states) {
        const resumed = await drive(make(await scene()), { state: unpack(saved) });
        expect(pack(resumed as never)).toEqual(pack(whole as never));
      }
    });

    it(`stop within one step: ${name}`, async () => {
      const controller = new AbortController();
      let steps = 0;
      const running = drive(make(await scene()), {
        signal: controller.signal,
        onState: () => {
          if (++steps === 2) controller.abort();
        },
      });
      await expect(running).rejects.toThrow(/abort/i);
      expect(steps).toBe(2);
    });
  }
});
