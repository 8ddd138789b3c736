import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildVjp, isAutodiffError } from '../engine/autodiff/index.ts';
import { isOnnxError, readModel, writeModel } from '../engine/onnx/index.ts';

/** `npm run --silent vjp`: writes the vector-Jacobian product of an ONNX model as an ONNX model. */

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

/** A wrong command line; the message says what to do. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function readArguments(args: readonly string[]): Arguments | 'help' {
  const text = { type: 'string' } as const;
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { of: text, wrt: text, out: text, help: { type: 'boolean', short: 'h' } },
    });
  try {
    parsed = parse();
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('\n')[0]}; see --help`);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [path, extra] = positionals;
  if (path === undefined) throw new UsageError('name the model to differentiate; see --help');
  if (extra !== undefined)
    throw new UsageError(`one model at a time: what is "${extra}"? See --help`);
  const wrt = (values.wrt ?? '').split(',').filter((name) => name !== '');
  if (!values.of) throw new UsageError('name the output to differentiate with --of; see --help');
  if (wrt.length === 0)
    throw new UsageError('name the inputs to differentiate by with --wrt; see --help');
  if (!values.out) throw new UsageError('name the file to write with --out; see --help');
  return { path, of: values.of, wrt: [...new Set(wrt)], out: values.out };
}

/** What the user reads: one line. */
function explain(error: unknown): string | undefined {
  if (error instanceof UsageError || isAutodiffError(error) || isOnnxError(error)) {
    return error.message;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : `cannot write the answer: ${message}`;
}

/**
 * Runs the command.
 * @returns the exit status: 0, or 2 where input or command line are at fault (one line on stderr
 *   names operator and node); a fault of the program is thrown.
 */
export function vjp(
  args: readonly string[],
  streams: { stdout: { write(text: string): unknown }; stderr: { write(text: string): unknown } },
): number {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      streams.stdout.write(vjpUsage);
      return 0;
    }
    const { path, of, wrt, out } = wanted;
    if (resolve(out) === resolve(path))
      throw new UsageError(`--out would overwrite "${path}", which is read: name another file`);
    writeModel(buildVjp(readModel(path), { of, wrt }), out);
    return 0;
  } catch (error) {
    const line = explain(error);
    if (line === undefined) throw error;
    streams.stderr.write(`${line}\n`);
    return 2;
  }
}

if (import.meta.main) process.exitCode = vjp(process.argv.slice(2), process);
