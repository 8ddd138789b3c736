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

const required = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'];
const parts = [...required, 'token_encoder'];
const graphOf = (part: string) => `${part}/model.onnx`;

const wanted = [
  /^model_index\.json$/,
  new RegExp(`^(?:${parts.join('|')})/(?:model\\.onnx|config\\.json)$`),
  /^tokenizer\/[\w.-]+\.(?:json|txt)$/,
  /^scheduler\/[\w.-]+\.json$/,
];
/** Weights of other frameworks, and what tells people something. */
const unwanted = /\.(?:onnx|safetensors|bin|pt|pth|ckpt|msgpack|h5|json|txt|md|py|png|jpg)$/;

/**
 * The files that make a model in diffusers' ONNX layout, out of all that a repository has.
 * @returns why there is none, where there is none
 */
export function chooseFiles(listed: readonly HubFile[]): Choice | string {
  const paths = new Set(listed.map(({ path }) => path));
  const root = rootOf(paths);
  if (root === undefined) {
    const some = [...paths].filter((path) => path.endsWith('.onnx'));
    return some.length === 0
      ? 'it has no .onnx file'
      : `of its .onnx files (${some.slice(0, 3).join(', ')}) none is unet/model.onnx`;
  }
  const inside = (path: string) => `${root}${path}`;
  if (paths.has(inside('text_encoder_2/model.onnx'))) {
    return 'it has two text encoders (SDXL), and only Stable Diffusion 1 and 2 are supported';
  }
  const needed = [
    ...required.map(graphOf),
    'tokenizer/vocab.json',
    'tokenizer/merges.txt',
    'scheduler/scheduler_config.json',
  ];
  const missing = needed.filter((path) => !paths.has(inside(path)));
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`;

  const under = listed.filter(({ path }) => path.startsWith(root));
  const relative = ({ path }: HubFile) => path.slice(root.length);
  return {
    root,
    files: under.filter((file) => wanted.some((pattern) => pattern.test(relative(file)))),
    data: under.filter((file) => {
      const [part = '', name = '', deeper] = relative(file).split('/');
      return parts.includes(part) && name !== '' && deeper === undefined && !unwanted.test(name);
    }),
  };
}

/** Where the U-Net is: in the repository itself, or in the one folder that has one. */
function rootOf(paths: ReadonlySet<string>): string | undefined {
  const unet = graphOf('unet');
  if (paths.has(unet)) return '';
  const roots = [...paths]
    .filter((path) => path.endsWith(`/${unet}`))
    .map((path) => path.slice(0, -unet.length));
  return roots.length === 1 ? roots[0] : undefined;
}
