/**
 * What webgpu.test.ts asks of a process that has WebGPU, as JSON: how far gradients are there from the
 * CPU's, as a whole graph and in stages.
 */
import { join } from 'node:path';
import {
  BACKWARD,
  buildStagedVjp,
  buildVjp,
  ERROR_SCALE,
  ERROR_TARGET,
  valueBytes,
} from '../../../src/engine/autodiff/index.ts';
import { withSizes } from '../../../src/engine/models/sizes.ts';
import {
  createSession,
  type OnnxModel,
  readModel,
  type SessionOptions,
  type Tensor,
  tensorOf,
  valueInfoProto,
  zeros,
} from '../../../src/engine/onnx/index.ts';
import { fixtureDir, readRecording, relativeError } from '../models/fixtures.ts';

/** A decoder that ends at its second convolution: in software, each kernel takes long to compile. */
function beginning(): OnnxModel {
  const model = readModel(join(fixtureDir('script'), 'vae_decoder/model.onnx'));
  const graph = model.proto.graph ?? {};
  const nodes = graph.node ?? [];
  const end = nodes.findIndex(({ output }) => output?.includes('/block/conv1/Conv_output_0'));
  graph.node = nodes.slice(0, end + 1);
  const last = graph.node.at(-1);
  if (last) last.output = ['sample'];
  graph.output = [valueInfoProto('sample', 'float32', ['batch', 4, 'height', 'width'])];
  return withSizes(model, { latent_sample: [undefined, 4, 8, 8] });
}

const start = beginning();
const of = 'sample';
const wrt = ['latent_sample'];
const { latents } = readRecording('script');
const feeds = { latent_sample: latents, [`grad_${of}`]: latents };
async function run(model: OnnxModel, more: Record<string, Tensor>, options: SessionOptions) {
  const session = await createSession(model, { threads: 1, ...options });
  const found = await session.run({ ...feeds, ...more }, [of, 'grad_latent_sample']);
  await session.release();
  return Object.values(found).map(({ data }) => data as Float32Array);
}

const whole = buildVjp(start, { of, wrt, keep: [of] });
const stageBytes = valueBytes(start) / 4;
const options = { of, wrt, stageBytes, sliceBytes: 1e9, weights: 'rearranged' } as const;
const { model: staged, stages } = buildStagedVjp(start, options);
const none = zeros('float32', [1, 1, 1, 1]);
const backward = {
  [BACKWARD]: tensorOf('bool', [], [1]),
  [ERROR_TARGET]: none,
  [ERROR_SCALE]: none,
};

const reference = await run(whole, {}, { provider: 'cpu' });
const answers = [
  await run(whole, {}, { provider: 'webgpu' }),
  await run(staged, backward, { provider: 'webgpu', optimization: 'extended', prepack: false }),
];
const errors = answers.map((answer) =>
  answer.map((data, i) => relativeError(data, reference[i] ?? new Float32Array())),
);
process.stdout.write(JSON.stringify({ stages, errors }));
