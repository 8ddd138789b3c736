import './no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { encodeModel, type OnnxModel } from './model-file.ts';
import type { GraphProto, NodeProto } from './proto.ts';
import type { Provider } from './providers.ts';
import { firstLine, strict } from './providers-trial.ts';
import { DTYPES, type DType, dtypeOfCode } from './tensor.ts';
import { valueInfoProto } from './value-info.ts';

/** An operator of a graph that a provider has no kernel for, and how many of the nodes that is. */
export interface LackingOp {
  /** With its domain in front where it is not ONNX's own. */
  readonly op: string;
  readonly count: number;
}

/** What is known of a node: whether the provider runs it, and what comes out of it. */
interface Finding {
  readonly runs: boolean;
  readonly outputs: readonly (DType | undefined)[];
}

/** By provider, of nodes that differ in operator, attributes or types: graphs have few of these. */
const findings = new Map<string, Promise<Finding>>();

/** Types of pictures and features; shapes are reckoned in the others, by the CPU wherever a graph runs. */
const heavy: readonly (DType | undefined)[] = ['float32', 'float16', 'float64'];

/**
 * Nodes that a provider would leave to the CPU, with copies there and back, the most frequent operator
 * first. Found by opening one node at a time where no way out to the CPU is left, once for each kind of
 * node. Arithmetic on shapes, and what is computed while a graph is opened, does not count.
 */
export async function lackingOps(model: OnnxModel, provider: Provider): Promise<LackingOp[]> {
  if (provider === 'cpu') return [];
  const counts = new Map<string, number>();
  const graph = model.proto.graph ?? {};
  await walk(graph, { types: new Map(), constants: new Set() }, async (node, inputs, folded) => {
    const finding = await findingOf(model, node, inputs, provider);
    const matters = [...finding.outputs, ...inputs].some((type) => heavy.includes(type));
    if (!finding.runs && matters && !folded) {
      const op = node.domain ? `${node.domain}.${node.opType}` : (node.opType ?? '');
      counts.set(op, (counts.get(op) ?? 0) + 1);
    }
    return finding.outputs;
  });
  const found = [...counts].map(([op, count]) => ({ op, count }));
  return found.sort((a, b) => b.count - a.count || a.op.localeCompare(b.op));
}

/** `webgpu lacks Einsum (3 nodes): these run on the CPU`. */
export function lackingWords(provider: Provider, lacking: readonly LackingOp[]): string {
  const ops = lacking.map(({ op, count }) => `${op} (${count} node${count === 1 ? '' : 's'})`);
  return `${provider} lacks ${ops.join(', ')}: these run on the CPU`;
}

interface Scope {
  /** Of values by name. Names of inner graphs are unlike those of the outer ones. */
  readonly types: Map<string, DType | undefined>;
  readonly constants: Set<string>;
}

type Visit = (
  node: NodeProto,
  inputs: readonly (DType | undefined)[],
  /** It depends on constants alone: it is computed while the graph is opened. */
  folded: boolean,
) => Promise<readonly (DType | undefined)[]>;

/** Visits the nodes, those of inner graphs included, in order. */
async function walk(graph: GraphProto, { types, constants }: Scope, visit: Visit): Promise<void> {
  for (const { name = '', type } of graph.input ?? []) {
    types.set(name, dtypeOfCode(type?.tensorType?.elemType ?? 0));
  }
  for (const { name = '', dataType } of graph.initializer ?? []) {
    types.set(name, dtypeOfCode(dataType ?? 0));
    constants.add(name);
  }
  for (const node of graph.node ?? []) {
    const names = node.input ?? [];
    const outputs = (node.output ?? []).filter((name) => name !== '');
    const bodies = (node.attribute ?? []).flatMap(({ g, graphs }) => [
      ...(g ? [g] : []),
      ...(graphs ?? []),
    ]);
    for (const body of bodies) await walk(body, { types, constants }, visit);
    if (bodies.length > 0) {
      // What a branch gives out, the node does. A loop's outputs are shifted: they stay unknown.
      const given = node.opType === 'If' ? (bodies[0]?.output ?? []) : [];
      (node.output ?? []).forEach((name, i) => {
        types.set(name, types.get(given[i]?.name ?? ''));
      });
      continue;
    }
    const folded =
      names.every((name) => name === '' || constants.has(name)) &&
      !/^Random/.test(node.opType ?? '');
    if (folded) for (const name of outputs) constants.add(name);
    const inputs = names.map((name) => types.get(name));
    const found =
      node.opType === 'Constant' ? [constantType(node)] : await visit(node, inputs, folded);
    (node.output ?? []).forEach((name, i) => {
      types.set(name, found[i]);
    });
  }
}

function constantType(node: NodeProto): DType | undefined {
  const [value] = node.attribute ?? [];
  if (value?.t) return dtypeOfCode(value.t.dataType ?? 0);
  return value?.name?.startsWith('value_float') ? 'float32' : 'int64';
}

function findingOf(
  model: OnnxModel,
  node: NodeProto,
  inputs: readonly (DType | undefined)[],
  provider: Provider,
): Promise<Finding> {
  const { opType, domain = '', attribute = [], output = [] } = node;
  const present = (node.input ?? []).map((name, i) => (name === '' ? '' : (inputs[i] ?? '?')));
  // What is not known cannot be asked for.
  if (present.includes('?')) return Promise.resolve({ runs: true, outputs: [] });
  const opset = (model.proto.opsetImport ?? []).map((one) => [one.domain ?? '', `${one.version}`]);
  const outs = output.map((name) => name !== '');
  const key = JSON.stringify([provider, domain, opType, attribute, present, outs, opset]);
  let finding = findings.get(key);
  if (!finding) {
    finding = find(model, node, present as (DType | '')[], provider);
    findings.set(key, finding);
  }
  return finding;
}

async function find(
  model: OnnxModel,
  node: NodeProto,
  present: readonly (DType | '')[],
  provider: Provider,
): Promise<Finding> {
  const { opType, domain, attribute } = node;
  const input = present.map((type, i) => (type === '' ? '' : `in${i}`));
  const output = (node.output ?? []).map((name, i) => (name === '' ? '' : `out${i}`));
  const bytes = encodeModel({
    dir: null,
    proto: {
      irVersion: model.proto.irVersion ?? 8,
      opsetImport: model.proto.opsetImport ?? [],
      graph: {
        name: 'one node',
        node: [
          {
            ...{ input, output, name: 'node' },
            ...(opType !== undefined && { opType }),
            ...(domain !== undefined && { domain }),
            ...(attribute !== undefined && { attribute }),
          },
        ],
        input: present.flatMap((type, i) => (type === '' ? [] : [valueInfoProto(`in${i}`, type)])),
        output: output.filter((name) => name !== '').map((name) => ({ name })),
      },
    },
  });
  const onCpu = await open(bytes, 'cpu');
  // On neither: an operator that only other providers have, or one that this way cannot be asked for.
  if (typeof onCpu === 'string') return { runs: true, outputs: present.slice(0, 1).map(known) };
  const outputs = output.map((name) => onCpu.get(name));
  const there = await open(bytes, provider);
  return { runs: typeof there !== 'string' || !isLack(there), outputs };
}

/** Types of a graph's outputs; a text: why it cannot be opened. */
async function open(bytes: Uint8Array, provider: Provider): Promise<Map<string, DType> | string> {
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      // As written: constant folding would take nodes away.
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
      extra: { session: provider === 'cpu' ? {} : strict },
    });
    const types = session.outputMetadata.flatMap((meta) =>
      meta.isTensor && meta.type in DTYPES ? [[meta.name, meta.type as DType] as const] : [],
    );
    await session.release();
    return new Map(types);
  } catch (error) {
    return firstLine(error);
  }
}

/** Whether a session was refused since a node would have gone to the CPU. */
function isLack(reason: string): boolean {
  return /fallback to CPU|Could not find an implementation|Failed to find kernel/i.test(reason);
}

function known(type: DType | ''): DType | undefined {
  return type === '' ? undefined : type;
}
