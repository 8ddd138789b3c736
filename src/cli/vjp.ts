import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildVjp, isAutodiffError } from '../engine/autodiff/index.ts';
import { isOnnxError, type OnnxModel, readModel, writeModel } from '../engine/onnx/index.ts';
import { LikewiseError } from '../errors.ts';
import { runCommand, type Terminal } from './command.ts';
import { reasonOf } from './folders.ts';

export const vjpUsage = `The gradient of an ONNX model, as an ONNX model.

  npm run --silent vjp -- IN.onnx --of OUTPUT --wrt INPUT[,INPUT] --out VJP.onnx

VJP.onnx has the inputs of IN.onnx and grad_OUTPUT; its outputs are those of IN.onnx and
grad_INPUT for each INPUT: the vector-Jacobian product grad_OUTPUT · dOUTPUT/dINPUT.

  --of OUTPUT        the output to differentiate
  --wrt INPUT,…      by what: inputs, or values inside the graph, of floats
  --out FILE         where the answer is written
  --help             this text
`;

interface Arguments {
  path: string;
  of: string;
  wrt: string[];
  out: string;
}

/** `npm run --silent vjp`: writes the vector-Jacobian product of an ONNX model as an ONNX model. */
export async function vjp(args: readonly string[], { stdout }: Terminal): Promise<void> {
  const wanted = readArguments(args);
  if (wanted === 'help') {
    stdout.write(vjpUsage);
    return;
  }
  const { path, of, wrt, out } = wanted;
  const answer = gradientOf(path, of, wrt);
  try {
    writeModel(answer, out);
  } catch (cause) {
    const reason = isOnnxError(cause) ? cause.message : reasonOf(cause);
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path: out, reason }, { cause });
  }
}

/** @throws LikewiseError `GRAPH_UNUSABLE`, naming operator and node where one has no gradient */
function gradientOf(path: string, of: string, wrt: readonly string[]): OnnxModel {
  try {
    return buildVjp(readModel(path), { of, wrt: [...wrt] });
  } catch (cause) {
    if (!isAutodiffError(cause) && !isOnnxError(cause)) throw cause;
    const reason = cause.message.replace(/\.$/, '');
    throw new LikewiseError('GRAPH_UNUSABLE', { path, reason }, { cause });
  }
}

function readArguments(args: readonly string[]): Arguments | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const [path, extra] = positionals;
  if (path === undefined) throw wrong('A model is needed: name the file to differentiate');
  if (extra !== undefined) throw wrong(`"${extra}" is one too many: one model at a time`);
  const wrt = (values.wrt ?? '').split(',').filter((name) => name !== '');
  if (!values.of) throw wrong('--of is missing: name the output to differentiate');
  if (wrt.length === 0) throw wrong('--wrt is missing: name the inputs to differentiate by');
  if (!values.out) throw wrong('--out is missing: name the file to write');
  if (resolve(values.out) === resolve(path)) {
    throw wrong(`--out would overwrite ${path}, which is read: name another file`);
  }
  return { path, of: values.of, wrt: [...new Set(wrt)], out: values.out };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    const options = { of: text, wrt: text, out: text, help };
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrong(problem, cause);
  }
}

function wrong(problem: string, cause?: unknown): LikewiseError {
  return new LikewiseError('USAGE', { problem }, { cause });
}

if (import.meta.main) await runCommand(vjp);
