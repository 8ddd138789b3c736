/** Command lines of the benches: bad ones end with exit status 2 and one line that says why. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LikewiseError } from '../../src/errors.ts';

export type Flags = Readonly<
  Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>
>;

export function wrong(problem: string, cause?: unknown): LikewiseError<'USAGE'> {
  return new LikewiseError('USAGE', { problem }, { cause });
}

/** Flags and their values; no positional arguments. @throws LikewiseError `USAGE` */
export function readFlags<F extends Flags>(args: readonly string[], flags: F) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true }).values;
  } catch (cause) {
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrong(problem, cause);
  }
}

/** A whole number from `least` to `most`, or what it is where the flag is not given. */
export function whole(
  flag: string,
  text: string | undefined,
  otherwise: number,
  [least, most]: readonly [number, number],
): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(`--${flag}: "${text}" is no whole number from ${least} to ${most}`);
}

/** A list of numbers with commas between them. */
export function numbers(
  flag: string,
  text: string | undefined,
  otherwise: readonly number[],
  [least, most]: readonly [number, number] = [-100, 100],
): number[] {
  if (text === undefined) return [...otherwise];
  const values = text.split(',').map((part) => {
    const value = part.trim() === '' ? Number.NaN : Number(part);
    if (value >= least && value <= most) return value;
    throw wrong(
      `--${flag}: "${part}" is no number from ${least} to ${most}; give a list as in 0,0.5,1`,
    );
  });
  return [...new Set(values)];
}

export function oneOf<Name extends string>(
  flag: string,
  name: string | undefined,
  otherwise: Name,
  names: readonly Name[],
): Name {
  if (name === undefined) return otherwise;
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  throw wrong(`--${flag}: "${name}" is none of ${names.join(', ')}`);
}

/** A model's folder, looked at before any work begins. */
export function modelFolder(dir: string): string {
  const index = join(dir, 'unet', 'model.onnx');
  if (existsSync(index) && statSync(index).isFile()) return dir;
  throw wrong(`--model: "${dir}" has no unet/model.onnx; name a folder such as models/avatars`);
}
