/** The model of random weights: made once, kept for the next run. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { wrong } from '../common/arguments.ts';
import { whyAbsent } from '../speed/reference.ts';
import type { Sd15Arguments } from './arguments.ts';

/** As it is exported: what the full size is about, and a tiny model with sizes of its own. */
const variants = { full: 'script', tiny: 'optimum-18' } as const;

/**
 * The folder of the model that is measured; one that is named is there already.
 * @param onLine told what the export says
 * @throws LikewiseError `USAGE` where it has to be made, and Python or what it needs is missing
 */
export async function modelOf(
  { model, size, python }: Pick<Sd15Arguments, 'model' | 'size' | 'python'>,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<string> {
  if (model !== undefined) return model;
  const folder = join('.cache', 'bench', 'sd15', size);
  if (existsSync(join(folder, 'unet', 'model.onnx'))) return folder;
  const absent = whyAbsent(python) ?? withoutExporter(python);
  if (absent) {
    throw wrong(
      `There is no model in ${folder} yet, and making one takes PyTorch: ${absent}. ` +
        'Install training/requirements.txt for an interpreter and name it with --python, ' +
        'or name a model with --model, which needs no Python with --skip-reference',
    );
  }
  onLine(`once, to be kept in ${folder}${size === 'full' ? '; it takes some minutes' : ''}`);
  // Under another name until it is complete: what was interrupted is begun anew.
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  const script = fileURLToPath(new URL('../../training/fixtures/export_sd.py', import.meta.url));
  await exported(
    [python, script, unfinished, '--size', size, '--variant', variants[size]],
    signal,
    onLine,
  );
  await rename(unfinished, folder);
  return folder;
}

function withoutExporter(python: string): string | undefined {
  const { status } = spawnSync(python, ['-c', 'import onnxscript']);
  return status === 0 ? undefined : `${python} has no onnxscript`;
}

function exported(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(program, args, { env, signal, killSignal: 'SIGKILL' });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => {
      if (code === 0) return resolve();
      const last = told.trim().split('\n').at(-1) ?? '';
      reject(new Error(`the export ended with ${by ?? `status ${code}`}: ${last}`));
    });
  });
}
