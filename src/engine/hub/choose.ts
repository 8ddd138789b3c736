import type { HubFile } from './client.ts';

/** What is fetched of a repository. */
export interface Choice {
  /** Folder of the repository that holds the model; empty: the repository itself. */
  readonly root: string;
  /** Settings, words and graphs. */
  readonly files: readonly HubFile[];
  /** What may hold weights; the graphs say which of them do. */
  readonly data: readonly HubFile[];
}

/** Why nothing is fetched. */
export interface Refusal {
  /** `HUB_OTHER_KIND`: nor would it help to export the repository. */
  readonly code: 'HUB_NO_ONNX' | 'HUB_OTHER_KIND';
  readonly reason: string;
}

const required = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'];
const parts = [...required, 'token_encoder'];
const graphOf = (part: string) => `${part}/model.onnx`;
const pair = ['tokenizer/vocab.json', 'tokenizer/merges.txt'];

const wanted = [
  /^model_index\.json$/,
  new RegExp(`^(?:${parts.join('|')})/(?:model\\.onnx|config\\.json)$`),
  /^tokenizer\/[\w.-]+\.(?:json|txt)$/,
  /^scheduler\/[\w.-]+\.json$/,
];
/** Weights of other frameworks, and what tells people something. */
const unwanted = /\.(?:onnx|safetensors|bin|pt|pth|ckpt|msgpack|h5|json|txt|md|py|png|jpg)$/;

/**
 * Models of other makes, by folders that this make's have not; the first that is there says most. Loading
 * refuses the first five too (`models/layout.ts`), and lacks a part of the others.
 */
const others = [
  ['transformer', 'it has a transformer for a U-Net, as Stable Diffusion 3 and Flux have'],
  ['text_encoder_2', 'it has two text encoders, as SDXL has'],
  ['text_encoder_3', 'it has three text encoders, as Stable Diffusion 3 has'],
  ['prior', 'it is of several stages, as Kandinsky and Cascade are'],
  ['image_encoder', 'it is conditioned on pictures, as models of video are'],
  ['movq', 'its autoencoder is a MoVQ, as Kandinsky has'],
  ['vqgan', 'its autoencoder is a VQGAN, as Cascade has'],
] as const;

/**
 * The files that make a model in diffusers' ONNX layout, out of all that a repository has.
 * @returns why there is none, where there is none
 */
export function chooseFiles(listed: readonly HubFile[]): Choice | Refusal {
  const paths = new Set(listed.map(({ path }) => path));
  const root = folderWith(paths, graphOf('unet'));
  const place = root ?? folderWith(paths, 'model_index.json') ?? '';
  const has = (folder: string) => [...paths].some((path) => path.startsWith(`${place}${folder}/`));
  const other = others.find(([folder]) => has(folder));
  if (other) return { code: 'HUB_OTHER_KIND', reason: other[1] };
  const refuse = (reason: string): Refusal => ({ code: 'HUB_NO_ONNX', reason });
  if (root === undefined) {
    const some = [...paths].filter((path) => path.endsWith('.onnx'));
    return refuse(
      some.length === 0
        ? 'it has no .onnx file'
        : `of its .onnx files (${some.slice(0, 3).join(', ')}) none is unet/model.onnx`,
    );
  }
  const inside = (path: string) => `${root}${path}`;
  const needed = [
    ...required.map(graphOf),
    // Newer exporters write all words into one file.
    ...(paths.has(inside('tokenizer/tokenizer.json')) ? [] : pair),
    'scheduler/scheduler_config.json',
  ];
  const missing = needed.filter((path) => !paths.has(inside(path)));
  if (missing.length > 0) return refuse(`it lacks ${missing.join(', ')}`);

  const under = listed.filter(({ path }) => path.startsWith(root));
  const relative = ({ path }: HubFile) => path.slice(root.length);
  // Loading prefers the pair, and would miss the half of it that is not there.
  const left = pair.every((path) => paths.has(inside(path))) ? [] : pair;
  const taken = (path: string) =>
    wanted.some((pattern) => pattern.test(path)) && !left.includes(path);
  return {
    root,
    files: under.filter((file) => taken(relative(file))),
    data: under.filter((file) => {
      const [part = '', name = '', deeper] = relative(file).split('/');
      return parts.includes(part) && name !== '' && deeper === undefined && !unwanted.test(name);
    }),
  };
}

/** Where a file is: in the repository itself, or in the one folder that has one. */
function folderWith(paths: ReadonlySet<string>, name: string): string | undefined {
  if (paths.has(name)) return '';
  const folders = [...paths]
    .filter((path) => path.endsWith(`/${name}`))
    .map((path) => path.slice(0, -name.length));
  return folders.length === 1 ? folders[0] : undefined;
}
