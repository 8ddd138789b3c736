import { dimsOf, dimsOfType, type NodeProto, type OnnxModel, toNumber } from '../onnx/index.ts';
import { graphOf, makersOf, traceBack } from './graph.ts';
import type { Layout } from './layout.ts';
import { unetInputs, unetOutput } from './unet.ts';
import { unusable } from './unusable.ts';
import { decoderInput } from './vae.ts';

/** Graphs that ONNX Runtime has already optimised cannot be differentiated, nor run everywhere. */
export function refuseFused(model: OnnxModel, name: string, dir: string): void {
  const fused = (graphOf(model).node ?? []).find((node) =>
    node.domain?.startsWith('com.microsoft'),
  );
  if (!fused) return;
  throw unusable(
    dir,
    `${name} was optimised for ONNX Runtime (it has ${fused.domain}.${fused.opType}): ` +
      'export it again without optimisation, or use the file from before',
  );
}

const textToImage = 'use a text-to-image model of Stable Diffusion 1 or 2, or a fine-tune of one';

/** Who wants inputs that Stable Diffusion's U-Net has not, and what to use in place of it. */
const makes = [
  { input: /^(?:text_embeds|time_ids)$/, who: "SDXL's", instead: textToImage },
  {
    input: /^timestep_cond$/,
    who: 'that of a latent consistency model (LCM)',
    instead: 'use the model that it was distilled from',
  },
  {
    input: /additional_residual/,
    who: 'one for ControlNet or an adapter',
    instead: 'export the model without it',
  },
  {
    input: /^image_embeds$/,
    who: 'one that is shown pictures, by IP-Adapter say',
    instead: 'export the model without that',
  },
  { input: /^class_labels$/, who: 'one of an upscaler or of unCLIP', instead: textToImage },
];

/**
 * U-Nets that take more than text-to-image ones do, or predict more than noise: known by their graph,
 * before anything is computed.
 * @param graphs skeletons will do
 * @throws LikewiseError `MODEL_UNUSABLE`, saying what the model is and what to use instead
 */
export function refuseOtherUnets(
  { dir, unetChannels }: Pick<Layout, 'dir' | 'unetChannels'>,
  graphs: { readonly unet: OnnxModel; readonly vae_decoder: OnnxModel },
): void {
  const { initializer = [], input = [] } = graphOf(graphs.unet);
  const known = ['timestep', ...Object.values<string>(unetInputs)];
  const weights = new Set(initializer.map(({ name }) => name));
  const others = input
    .map(({ name = '' }) => name)
    .filter((name) => !known.includes(name) && !weights.has(name));
  if (others.length > 0) {
    const make = makes.find((one) => others.some((name) => one.input.test(name)));
    const what = make ? `it is ${make.who}` : 'it is made for more than text';
    throw unusable(
      dir,
      `unet/model.onnx wants ${others.join(', ')} as well, which is not supported: ${what}; ` +
        (make?.instead ?? textToImage),
    );
  }

  const taken = unetChannels.in ?? channelsInto(graphs.unet, unetInputs.sample);
  const predicted = unetChannels.out ?? channelsOutOf(graphs.unet, unetOutput);
  const latents = latentChannels(graphs.vae_decoder) ?? predicted;
  if (latents === undefined) return;
  if (taken !== undefined && taken !== latents) {
    const purpose = purposeOf(taken, latents);
    throw unusable(
      dir,
      `its U-Net takes ${taken} channels where latents have ${latents}` +
        `${purpose ? `, as those for ${purpose} do` : ''}: ` +
        `${textToImage}, whose U-Net takes ${latents}`,
    );
  }
  if (predicted !== undefined && predicted !== latents) {
    throw unusable(
      dir,
      `its U-Net predicts ${predicted} channels where latents have ${latents}: ` +
        `${textToImage}, whose U-Net predicts ${latents}`,
    );
  }
}

/** Channels of the latents, by what the decoder takes; undefined where its graph does not tell. */
export function latentChannels(decoder: OnnxModel): number | undefined {
  return channelsInto(decoder, decoderInput);
}

/** What else than the latents goes into a U-Net, by how many channels it takes. */
function purposeOf(taken: number, latents: number): string | undefined {
  const more = taken - latents;
  // A mask, and the latents of the picture that it hides something of.
  if (more === latents + 1) return 'inpainting';
  if (more === latents) return 'editing by instructions (instruct-pix2pix)';
  if (more === 1) return 'pictures with a depth map';
  return more === 3 ? 'upscaling' : undefined;
}

/** Nodes that leave channels as they are, between an end of the graph and its convolution. */
const passThrough = ['Cast', 'Identity'];

/** Channels of an input [B, channels, h, w], by its dims or by the kernel that reads it. */
function channelsInto(model: OnnxModel, input: string): number | undefined {
  const graph = graphOf(model);
  const declared = dimsOfType(graph.input?.find(({ name }) => name === input)?.type)?.[1];
  if (typeof declared === 'number') return declared;
  const same = new Set([input]);
  for (const node of graph.node ?? []) {
    if (!same.has(node.input?.[0] ?? '')) continue;
    if (node.opType === 'Conv') {
      const group = toNumber(node.attribute?.find(({ name }) => name === 'group')?.i ?? 1);
      const [, channels] = kernelOf(model, node) ?? [];
      return channels === undefined ? undefined : channels * group;
    }
    if (passThrough.includes(node.opType ?? '')) same.add(node.output?.[0] ?? '');
  }
  return undefined;
}

/** Channels of an output [B, channels, h, w], by its dims or by the kernel that makes it. */
function channelsOutOf(model: OnnxModel, output: string): number | undefined {
  const graph = graphOf(model);
  const declared = dimsOfType(graph.output?.find(({ name }) => name === output)?.type)?.[1];
  if (typeof declared === 'number') return declared;
  const last = makersOf(graph).get(traceBack(graph, output, passThrough));
  return last?.opType === 'Conv' ? kernelOf(model, last)?.[0] : undefined;
}

/** Dims of a Conv's kernel, [out, in / group, kh, kw], where it is among the weights. */
function kernelOf(model: OnnxModel, conv: NodeProto): readonly number[] | undefined {
  const graph = graphOf(model);
  const name = traceBack(graph, conv.input?.[1] ?? '', passThrough);
  const kernel = (graph.initializer ?? []).find((tensor) => tensor.name === name);
  return kernel && dimsOf(kernel);
}
