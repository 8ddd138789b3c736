import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { stagingOf, writeRecord } from '../../../src/engine/hub/staging.ts';
import { alphaCumprod, loadModel, readLayout } from '../../../src/engine/models/index.ts';
import { ddimGrid } from '../../../src/engine/synthesis/index.ts';
import { isLikewiseError } from '../../../src/errors.ts';
import { fixtureDir } from './fixtures.ts';

/** What SD-Turbo has for a scheduler, as its authors published it. */
const turbo = {
  _class_name: 'EulerDiscreteScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  interpolation_type: 'linear',
  num_train_timesteps: 1000,
  prediction_type: 'epsilon',
  sample_max_value: 1,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  timestep_spacing: 'trailing',
  timestep_type: 'discrete',
  trained_betas: null,
  use_karras_sigmas: false,
};

const scratch = mkdtempSync(join(tmpdir(), 'likewise-layout-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let dir = '';
let count = 0;
beforeEach(() => {
  count += 1;
  dir = join(scratch, `model-${count}`);
  cpSync(fixtureDir('script'), dir, { recursive: true });
});

const scheduler = () => join(dir, 'scheduler/scheduler_config.json');
function setScheduler(changes: Record<string, unknown>): void {
  const before = JSON.parse(readFileSync(scheduler(), 'utf8'));
  writeFileSync(scheduler(), JSON.stringify({ ...before, ...changes }));
}
function reason(of = dir): string {
  try {
    readLayout(of);
  } catch (error) {
    if (isLikewiseError(error) && error.code === 'MODEL_UNUSABLE') return error.message;
    throw error;
  }
  return 'it was accepted';
}

describe('settings of the scheduler', () => {
  it('are read', () => {
    setScheduler({ beta_schedule: 'linear', steps_offset: 3, set_alpha_to_one: true });
    const { schedule } = readLayout(dir);
    expect(schedule).toMatchObject({ stepsOffset: 3, finalAlphaCumprod: 1, prediction: 'epsilon' });
    expect(alphaCumprod(schedule, 0)).toBeCloseTo(1 - 0.00085, 12);
    setScheduler({ num_train_timesteps: 2, trained_betas: [0.1, 0.2], beta_schedule: 'their own' });
    expect([...readLayout(dir).schedule.alphasCumprod]).toEqual([0.9, 0.9 * 0.8]);
  });

  it('end where the kind of scheduler ends, if they do not say', () => {
    const end = (_class_name: string) => {
      setScheduler({ _class_name, set_alpha_to_one: undefined });
      return readLayout(dir).schedule.finalAlphaCumprod;
    };
    expect(end('DDIMScheduler')).toBe(1);
    expect(end('EulerDiscreteScheduler')).toBe(1);
    expect(end('PNDMScheduler')).toBeCloseTo(1 - 0.00085, 12);
  });

  it('may end without signal, for v', () => {
    setScheduler({ rescale_betas_zero_snr: true, prediction_type: 'v_prediction' });
    expect(alphaCumprod(readLayout(dir).schedule, 999)).toBe(0);
    setScheduler({ prediction_type: 'epsilon' });
    expect(reason()).toMatch(/needs a model of v_prediction: use the model's own settings/);
  });

  it('of SD-Turbo load, and are sampled on the grid of all models', async () => {
    writeFileSync(scheduler(), JSON.stringify(turbo));
    const model = await loadModel(dir, { threads: 1 });
    await model.close();
    const { schedule } = model;
    expect(schedule).toMatchObject({ trainSteps: 1000, prediction: 'epsilon', stepsOffset: 1 });
    expect(schedule.finalAlphaCumprod).toBe(alphaCumprod(schedule, 0));
    expect(alphaCumprod(schedule, 999)).toBeCloseTo(0.00466, 5);
    // Not 999, 749, 499, 249, where it was distilled: see docs/models.md.
    expect(ddimGrid(schedule, 4).map(({ t }) => t)).toEqual([751, 501, 251, 1]);
  });

  it.each([
    [{ prediction_type: 'sample' }, /"sample" is not supported: use a model of epsilon or v_pred/],
    [
      { beta_schedule: 'sigmoid' },
      /"sigmoid" .*: use a model of linear, scaled_linear, squaredcos/,
    ],
    [{ trained_betas: [0.1, 0.2] }, /2 betas for 1000 timesteps: use the model's own/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, /flow matching.*: use a model of Stable/],
    [{ _class_name: 'EDMEulerScheduler' }, /EDMEulerScheduler.*: use a model of Stable Diffusion/],
    [{ beta_start: 'low' }, /scheduler_config.json: beta_start: /],
  ])('are refused, with what to use instead: %j', (changes, message) => {
    setScheduler(changes);
    expect(reason()).toMatch(message);
  });
});

describe('a folder of another make', () => {
  it.each([
    [['text_encoder_2'], /two text encoders, as SDXL has: use a model of Stable Diffusion 1 or 2/],
    [['text_encoder_2', 'text_encoder_3', 'transformer'], /transformer.*Flux have: use a model of/],
    [['prior'], /Cascade are: use a model of/],
  ])('is refused, whatever else it lacks: %j', (folders, message) => {
    rmSync(join(dir, 'unet'), { recursive: true });
    for (const folder of folders) mkdirSync(join(dir, folder));
    expect(reason()).toMatch(message);
  });

  it('of weights for PyTorch is sent to the exporters', () => {
    for (const part of ['unet', 'vae_encoder', 'vae_decoder', 'text_encoder']) {
      rmSync(join(dir, part, 'model.onnx'));
    }
    expect(reason()).not.toContain('PyTorch');
    writeFileSync(join(dir, 'unet/diffusion_pytorch_model.safetensors'), '');
    expect(reason()).toMatch(
      /lacks text_encoder\/model.onnx.*export it to ONNX first \(docs\/models/,
    );
  });

  it('that cannot read pictures says so', () => {
    rmSync(join(dir, 'vae_encoder'), { recursive: true });
    expect(reason()).toMatch(/lacks vae_encoder\/model.onnx: without it no picture can be read/);
  });

  it('without words says which files hold them', () => {
    rmSync(join(dir, 'tokenizer/merges.txt'));
    expect(reason()).toContain('it lacks tokenizer/vocab.json and tokenizer/merges.txt');
  });

  it('with a shift of its latents is refused', () => {
    writeFileSync(join(dir, 'vae_decoder/config.json'), '{"shift_factor":0.1}');
    expect(reason()).toMatch(/shift_factor.*: use a model of Stable Diffusion 1 or 2/);
  });
});

describe('a pull that was broken off', () => {
  const record = { hub: 'http://127.0.0.1', repo: 'owner/name', commit: 'c0ffee', files: [] };

  it('is named, with the command that goes on with it', async () => {
    const out = join(scratch, 'owner--name');
    await writeRecord(stagingOf(out).folder, { ...record, revision: 'main' });
    const command = /unfinished pull; npm run model -- pull owner\/name goes on with it/;
    expect(reason(out)).toMatch(command);
    expect(reason(`${out}/`)).toMatch(command);
    expect(reason(stagingOf(out).folder)).toMatch(command);
    expect(existsSync(out)).toBe(false);
  });

  it('names the revision and the place, where they are not the usual ones', async () => {
    const out = join(scratch, 'elsewhere');
    await writeRecord(stagingOf(out).folder, { ...record, revision: 'onnx' });
    expect(reason(out)).toContain(`pull owner/name --revision onnx --out ${out} goes on`);
  });

  it('does not stand in the way of a model that is there', async () => {
    await writeRecord(stagingOf(dir).folder, { ...record, revision: 'main' });
    expect(readLayout(dir).dir).toBe(dir);
    expect(reason(join(scratch, 'nowhere'))).toContain('there is no such folder');
  });
});
