/** What coverage.test.ts asks of a process that has WebGPU, as JSON. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chooseProvider,
  createSession,
  lackingOps,
  type OnnxModel,
  type Tensor,
  tensorOf,
  tensorToProto,
  valueInfoProto,
} from '../../../src/engine/onnx/index.ts';

const weights = tensorOf('float32', [2, 2], [1, 2, 3, 4]);
const yes = tensorOf('bool', [], [1]);
const out = (name: string) => valueInfoProto(name, 'float32', ['batch', 2]);
/** A branch of an If: y = Celu(value), of a value outside. */
const branch = (name: string) => ({
  name: 'then_branch',
  type: 5,
  g: {
    name,
    node: [{ opType: 'Celu', name: `${name} celu`, input: ['hard'], output: [name] }],
    output: [out(name)],
  },
});

/** Hardmax, Celu and Det are lacking; Shape works on shapes; Det of weights is computed beforehand. */
const model: OnnxModel = {
  dir: null,
  proto: {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 14 }],
    graph: {
      name: 'graph',
      node: [
        { opType: 'MatMul', name: 'product', input: ['x', 'weights'], output: ['product'] },
        { opType: 'Hardmax', name: 'hard 1', input: ['product'], output: ['hard1'] },
        { opType: 'Hardmax', name: 'hard 2', input: ['hard1'], output: ['hard'] },
        { opType: 'Det', name: 'folded', input: ['weights'], output: ['determinant'] },
        { opType: 'Shape', name: 'shape', input: ['hard'], output: ['shape'] },
        { opType: 'Reshape', name: 'reshape', input: ['hard', 'shape'], output: ['again'] },
        { opType: 'Mul', name: 'scaled', input: ['again', 'determinant'], output: ['scaled'] },
        {
          opType: 'If',
          name: 'if',
          input: ['yes'],
          output: ['chosen'],
          attribute: [branch('then'), { ...branch('else'), name: 'else_branch' }],
        },
        { opType: 'Add', name: 'sum', input: ['scaled', 'chosen'], output: ['y'] },
      ],
      initializer: [tensorToProto('weights', weights)],
      input: [out('x'), valueInfoProto('yes', 'bool', [])],
      output: [out('y')],
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'likewise-webgpu-'));
const warnings: string[] = [];
const feeds = { x: tensorOf('float32', [1, 2], [1, 1]), yes };
const answer = async (provider: 'cpu' | 'webgpu') => {
  const profile = join(folder, provider);
  const warn = (text: string) => void warnings.push(text);
  const session = await createSession(model, { provider, warn, profile });
  const answers = await session.run(feeds);
  await session.release();
  return [...((answers.y as Tensor).data as Float32Array)];
};
const answers = [await answer('cpu'), await answer('webgpu')];

/** Operators that ran on the CPU, by ONNX Runtime's own record of the run. */
interface Event {
  args?: { provider?: string; op_name?: string };
}
const [file = ''] = readdirSync(folder).filter((name) => name.startsWith('webgpu'));
const events = file ? (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[]) : [];
const ran = (by: string) => [
  ...new Set(events.flatMap(({ args }) => (args?.provider === by ? [args.op_name ?? ''] : []))),
];
rmSync(folder, { recursive: true });

process.stdout.write(
  JSON.stringify({
    lacking: await lackingOps(model, 'webgpu'),
    onCpu: await lackingOps(model, 'cpu'),
    warnings,
    answers,
    ranOnCpu: ran('CPUExecutionProvider'),
    ranOnGpu: ran('WebGpuExecutionProvider'),
    choice: await chooseProvider('auto'),
  }),
);
