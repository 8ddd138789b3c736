import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Measured, OurOrder, Prepared } from '../../bench/sd15/orders.ts';
import { runTask } from '../../bench/sd15/process.ts';
import { referenceScript, startReference } from '../../bench/sd15/reference.ts';
import { whyAbsent } from '../../bench/speed/reference.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-sd15-reference-'));
afterAll(() => rmSync(dir, { recursive: true }));

const prepared = { provider: 'cpu', precision: 'float32', tf32: false } as const;

describe('PyTorch', () => {
  it('is left out with a reason', () => {
    const said: string[] = [];
    const options = { python: 'no-such-python', device: 'auto' } as const;
    expect(startReference(options, prepared, (line) => said.push(line))).toBeUndefined();
    expect(said.join()).toContain('PyTorch is skipped: no-such-python cannot be run');
  });
});

/** An interpreter whose PyTorch has what it says. */
function pythonThatHas(devices: { cuda?: boolean; mps?: boolean }): string {
  const words = [devices.cuda, devices.mps].map((has) => (has ? 'True' : 'False')).join(' ');
  const path = join(dir, `python ${words}`);
  writeFileSync(path, `#!/bin/sh\necho a warning of some library\necho 2.13.0 ${words}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')('the device of PyTorch', () => {
  const started = (
    has: { cuda?: boolean; mps?: boolean },
    provider: Prepared['provider'],
    { device = 'auto', precision = 'float32', tf32 = provider === 'cuda' } = {},
  ) => {
    const said: string[] = [];
    const options = { python: pythonThatHas(has), device: device as 'auto' };
    const how = { provider, precision: precision as 'float32', tf32 };
    const reference = startReference(options, how, (line) => said.push(line));
    if (!reference) throw new Error('there is none');
    return { reference, said: said.join('\n') };
  };

  it.each([
    [{ cuda: true }, 'cuda', 'cuda'],
    [{ cuda: true }, 'webgpu', 'cuda'],
    [{ cuda: true }, 'cpu', 'cpu'],
    [{ mps: true }, 'webgpu', 'mps'],
    [{ mps: true }, 'coreml', 'mps'],
    [{ mps: true }, 'cpu', 'cpu'],
  ] as const)('with %j, beside %s, is %s', (has, provider, device) => {
    const { reference, said } = started(has, provider);
    expect(reference).toMatchObject({ torch: '2.13.0', device });
    expect(reference.description()).toContain(`2.13.0, on ${device}`);
    expect(said).toBe('');
  });

  it('is the processor where it has no GPU, which is said, and refused where one was named', () => {
    const { reference, said } = started({}, 'cuda');
    expect(reference.device).toBe('cpu');
    expect(said).toContain("sees no GPU that goes with cuda: its figures will be the processor's");
    expect(() => started({ cuda: true }, 'cuda', { device: 'mps' })).toThrow(
      /--device mps: PyTorch 2\.13\.0 of .* sees no such GPU/,
    );
  });

  it('rounds as we do', () => {
    expect(started({ cuda: true }, 'cuda').reference.tf32).toBe(true);
    expect(started({ cuda: true }, 'cuda').reference.description()).toContain('rounded to TF32');
    expect(started({ cuda: true }, 'cuda', { tf32: false }).reference.tf32).toBe(false);
    expect(started({}, 'cuda').reference.tf32).toBe(false);
    const halves = started({ cuda: true }, 'cuda', { precision: 'float16' }).reference;
    expect(halves).toMatchObject({ half: true, tf32: false });
  });
});

const python = process.env.PYTHON || 'python3';
const absent = whyAbsent(python);
const why = absent ? ` (skipped: ${absent})` : '';

/** Runs Python code that can import the bench's own, as a task. */
function task<Result>(code: string, argument: object) {
  return runTask<Result>({
    command: [python, '-c', code, JSON.stringify(argument)],
    env: {
      ...process.env,
      PYTHONPATH: dirname(referenceScript),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    signal: new AbortController().signal,
    gpu: false,
    onStep: () => {},
  });
}

/**
 * A GPU that is none, without room for exact float32, nor for everything at once: each computation is
 * written down with its device, how sparing it was, and the flags of its arithmetic.
 */
const standIn = `
import json, sys, torch, sd15
order, computed = json.loads(sys.argv[1]), []
flags = lambda: [torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark]
class Tasks:
    def __init__(self, model, order, sparing):
        self.device, self.sparing = order["device"], sparing
    def eq3(self, steps=None):
        computed.append([self.device, self.sparing, *flags()])
        exact = not torch.backends.cuda.matmul.allow_tf32
        if self.device == "cuda" and (exact or self.sparing == 0):
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        if exact and order["broken"]:
            raise ValueError("no room there either")
        return {"gradient": torch.full((2,), 1.0 if exact else 2.0)}
sd15.Tasks, sd15.Model = Tasks, lambda *_: None
for name in ("synchronize", "empty_cache", "reset_peak_memory_stats"):
    setattr(torch.cuda, name, lambda: None)
torch.cuda.max_memory_reserved = lambda: 7
sd15.set_arithmetic(True, True)
try:
    sd15.run_task(order, {})
finally:
    open(order["out"] + "/computed", "w").write(json.dumps({"computed": computed, "after": flags()}))
`;

describe.skipIf(absent !== undefined)(
  `PyTorch on a GPU of little memory${why}`,
  { timeout: 120_000 },
  () => {
    const order = { task: 'eq3', device: 'cuda', half: false, tf32: true, channelsLast: false };
    const ran = async (more: object) => {
      const out = mkdtempSync(join(dir, 'out-'));
      const told = await task<Measured>(standIn, {
        ...order,
        runs: 2,
        compared: true,
        out,
        ...more,
      });
      const { computed, after } = JSON.parse(readFileSync(join(out, 'computed'), 'utf8'));
      return { told, computed, after, out };
    };

    it('keeps less at once, and is compared by what the processor computes', async () => {
      const { told, computed, after, out } = await ran({ broken: false });
      const timed = ['cuda', 1, true, true, true];
      expect(computed).toEqual([
        ['cuda', 0, true, true, true],
        ...[timed, timed, timed, timed], // small, in full, two runs
        ['cuda', 2, false, false, false],
        ['cpu', 2, false, false, false],
      ]);
      expect(after).toEqual([true, true, true]);
      expect(told.failure).toBeUndefined();
      expect(told.result.runs).toHaveLength(2);
      expect(told.result.gpuBytes).toBe(7);
      expect(told.result.note).toContain(
        "Eq. 3's sampler steps checkpointed; eq3 compared with the",
      );
      expect(
        new Float32Array(new Uint8Array(readFileSync(join(out, 'gradient.f32'))).buffer),
      ).toEqual(Float32Array.of(1, 1));
    });

    it('keeps its figures where there is nothing to compare', async () => {
      const { told, after, out } = await ran({ broken: true });
      expect(told.result.runs).toHaveLength(2);
      expect(told.failure).toContain('no room there either');
      expect(after).toEqual([true, true, true]);
      expect(existsSync(join(out, 'gradient.f32'))).toBe(false);
      const alone = await ran({ broken: true, compared: false });
      expect(alone.told.failure).toBeUndefined();
    });
  },
);

describe.skipIf(absent !== undefined)(`PyTorch's side${why}`, { timeout: 120_000 }, () => {
  it('does without what Windows does not have, and says so', async () => {
    const code = `
import sys
sys.modules["resource"] = None
import sd15
sd15.Path = lambda path: type("None", (), {"exists": lambda self: False})()
sd15.tell({}, {"runs": [], **sd15.peaks("cpu")}, [])
sd15.say("done")`;
    const { result } = await task<Measured>(code, {});
    expect(result.peakBytes).toBeUndefined();
    expect(result.note).toContain('does not tell Python the peak memory');
  });

  it('computes the same gradient, however much of it is held at once', async () => {
    const inputs = join(dir, 'inputs');
    mkdirSync(inputs);
    const model = resolve('test/fixtures/models/script');
    const sizes = { batch: 2, steps: 2, runs: 1, threads: 1, memory: undefined };
    const order: OurOrder = {
      ...{ task: 'prepare', model, inputs, out: inputs, compared: false },
      ...{ provider: 'cpu', precision: undefined },
      ...sizes,
    };
    const { result } = await runTask<Prepared>({
      command: [process.execPath, resolve('bench/sd15/ours.ts'), JSON.stringify(order)],
      env: process.env,
      signal: new AbortController().signal,
      gpu: false,
      onStep: () => {},
    });
    const code = `
import json, sys, torch, sd15, sd15_tasks
order = json.loads(sys.argv[1])
pieces, checkpoint = [], sd15_tasks.checkpoint
def counted(work, *rest, **how):
    pieces.append(work.__name__)
    return checkpoint(work, *rest, **how)
sd15_tasks.checkpoint = counted
gradients, held = [], []
for sparing in (0, 1, 2):
    for last in (False, True):
        pieces.clear()
        model = sd15.Model(order, False, last)
        gradients.append(sd15.Tasks(model, order, sparing).eq3()["gradient"])
        held.append([pieces.count("step"), pieces.count("run")])
apart = max(((g - gradients[0]).norm() / gradients[0].norm()).item() for g in gradients)
sd15.say("done", apart=apart, held=held)`;
    const { factor } = result;
    const told = await task<{ apart: number; held: number[][] }>(code, {
      ...{ model, inputs, factor, device: 'cpu' },
    });
    expect(told.result.apart).toBeLessThan(1e-5);
    const [steps, pieces] = [told.result.held.map(([n]) => n), told.result.held.map(([, n]) => n)];
    expect(steps).toEqual([0, 0, 2, 2, 2, 2]);
    expect(pieces.slice(0, 4)).toEqual([0, 0, 0, 0]);
    for (const count of pieces.slice(4)) expect(count).toBeGreaterThan(4);
  });
});
