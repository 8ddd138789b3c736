/**
 * What thread.test.ts asks of a process that has WebGPU, as JSON: the device of a model whose U-Net ends
 * in an operator that WebGPU lacks, opened in the folder that is named.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openDevice } from '../../../src/engine/device/index.ts';
import { readModel, writeModel } from '../../../src/engine/onnx/index.ts';

const model = process.argv[2] ?? '';
cpSync('models/avatars', model, { recursive: true });
const path = join(model, 'unet/model.onnx');
const unet = readModel(path);
const nodes = unet.proto.graph?.node ?? [];
const last = unet.proto.graph?.output?.[0]?.name ?? '';
for (const node of nodes) {
  node.output = (node.output ?? []).map((name) => (name === last ? 'before' : name));
}
nodes.push({ opType: 'Celu', name: 'celu', input: ['before'], output: [last] });
writeModel(unet, path);

const device = await openDevice({ model, provider: 'webgpu' });
const warnings: string[] = [];
device.onWarning((text) => warnings.push(text));
await device.close();
const { provider, tried } = device.model;
process.stdout.write(JSON.stringify({ provider, tried, warnings }));
