import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isUnfinished, readRecord } from '../../engine/hub/index.ts';
import { type Layout, readLayout, requiredParts } from '../../engine/models/layout.ts';
import { refuseFused, refuseOtherUnets } from '../../engine/models/refusals.ts';
import {
  DTYPES,
  dimsOf,
  dimsOfType,
  dtypeOfCode,
  externalDataOf,
  externalTensors,
  isOnnxError,
  type OnnxModel,
  sizeOf,
} from '../../engine/onnx/index.ts';
import { readSkeleton } from '../../engine/onnx/skeleton.ts';
import { LikewiseError } from '../../errors.ts';

/** What a model's folder is, by what its files say; no weight is read for it. */
export interface ModelDescription {
  /** Stable Diffusion 1.x, 2.x, or another, by the width of its text features. */
  kind: string;
  exporter: string;
  opset: number;
  /** Type that most of the U-Net's weights are stored in, e.g. `float16`. */
  precision: string;
  prediction: string;
  /** What the U-Net takes as its timestep: `int64 scalar`, `float32 [batch]`. */
  timestep: string;
  /** Width of the text features; undefined where the graph leaves it open. */
  textWidth: number | undefined;
  /** Of everything in the folder. */
  bytes: number;
  /** Where it was pulled from. */
  source: string | undefined;
}

/**
 * Reads a model's folder without opening it.
 * @throws LikewiseError `MODEL_UNUSABLE`, also for an unfinished pull, for missing weights, and for graphs
 *   that loading refuses
 */
export function describeModel(dir: string): ModelDescription {
  if (isUnfinished(dir)) {
    const repo = readRecord(dir)?.repo ?? 'it';
    throw unusable(dir, `it is an unfinished pull; npm run model -- pull ${repo} goes on with it`);
  }
  const layout = readLayout(dir);
  const graphs = graphsOf(dir, layout);
  for (const part of requiredParts) refuseFused(graphs[part], `${part}/model.onnx`, dir);
  refuseOtherUnets(layout, graphs);
  const { unet, text_encoder: text } = graphs;
  const timestep = inputOf(unet, 'timestep');
  const textWidth = widthOf(unet, text);
  const record = readRecord(dir);
  return {
    kind: kindOf(textWidth),
    exporter: exporterOf(dir, unet, timestep?.dims?.length),
    opset: opsetOf(unet),
    precision: precisionOf(unet),
    prediction: layout.schedule.prediction,
    timestep: timestep ? `${timestep.type} ${shapeOf(timestep.dims)}` : 'none',
    textWidth,
    bytes: bytesIn(dir),
    source: record && `${record.repo} at ${record.commit.slice(0, 12)}`,
  };
}

type Graphs = Record<(typeof requiredParts)[number], OnnxModel>;

/** The graphs, once it is sure that the files are there which hold their weights. */
function graphsOf(dir: string, layout: Layout): Graphs {
  try {
    const entries = requiredParts.map((part) => {
      const model = readSkeleton(layout.graph(part));
      for (const tensor of externalTensors(model.proto.graph ?? {})) {
        const { location, offset, length = 0 } = externalDataOf(tensor);
        const path = join(dir, part, location);
        if (!existsSync(path)) throw unusable(dir, `it lacks ${part}/${location}`);
        if (statSync(path).size < offset + length) {
          throw unusable(dir, `${part}/${location} is cut short`);
        }
      }
      return [part, model] as const;
    });
    return Object.fromEntries(entries) as Graphs;
  } catch (error) {
    throw isOnnxError(error) ? unusable(dir, error.message, error) : error;
  }
}

function unusable(path: string, reason: string, cause?: unknown): LikewiseError {
  return new LikewiseError('MODEL_UNUSABLE', { path, reason }, { cause });
}

function inputOf(model: OnnxModel, name: string) {
  const { type } = model.proto.graph?.input?.find((input) => input.name === name) ?? {};
  if (!type) return undefined;
  const dtype = dtypeOfCode(type.tensorType?.elemType ?? 0);
  return { type: dtype ?? 'unknown', dims: dimsOfType(type) };
}

function shapeOf(dims: readonly (number | string)[] | undefined): string {
  if (dims === undefined) return 'of any shape';
  return dims.length === 0 ? 'scalar' : `[${dims.join(', ')}]`;
}

/** By the U-Net's input, or by what the text encoder says of its output. */
function widthOf(unet: OnnxModel, text: OnnxModel): number | undefined {
  const output = text.proto.graph?.output?.find(({ name }) => name === 'last_hidden_state');
  const candidates = [
    inputOf(unet, 'encoder_hidden_states')?.dims?.[2],
    dimsOfType(output?.type)?.[2],
  ];
  return candidates.find((dim) => typeof dim === 'number');
}

function kindOf(textWidth: number | undefined): string {
  if (textWidth === 768) return 'Stable Diffusion 1.x';
  if (textWidth === 1024) return 'Stable Diffusion 2.x';
  return 'a diffusion model of its own kind';
}

/** Who wrote it: a guess from the traits in which the two exporters differ. */
function exporterOf(dir: string, unet: OnnxModel, timestepRank: number | undefined): string {
  const { producerName = '', producerVersion = '' } = unet.proto;
  const writer = `${producerName} ${producerVersion}`.trim() || 'unknown';
  const configured = existsSync(join(dir, 'unet/config.json'));
  if (timestepRank === 0 && configured) return `Optimum's layout (${writer})`;
  if (timestepRank === 1 && !configured) return `diffusers' script's layout (${writer})`;
  return writer;
}

function opsetOf(model: OnnxModel): number {
  const own = model.proto.opsetImport?.find(({ domain = '' }) => ['', 'ai.onnx'].includes(domain));
  return Number(own?.version ?? 0);
}

function precisionOf(model: OnnxModel): string {
  const bytes = new Map<string, number>();
  for (const tensor of model.proto.graph?.initializer ?? []) {
    const dtype = dtypeOfCode(tensor.dataType ?? 0);
    const size = sizeOf(dimsOf(tensor)) * (dtype ? DTYPES[dtype].bytes : 1);
    const name = dtype ?? `type ${tensor.dataType}`;
    bytes.set(name, (bytes.get(name) ?? 0) + size);
  }
  const [most] = [...bytes].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? 'unknown';
}

/** Bytes of all files of a folder and of those in it. */
export function bytesIn(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
