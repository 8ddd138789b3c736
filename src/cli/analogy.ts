import { join } from 'node:path';
import { type Config, loadConfig } from '../../config/index.ts';
import {
  cacheOptions,
  isRedisAddress,
  openCacheAt,
  type Records,
  records,
} from '../cache/index.ts';
import {
  type CanonicalPicture,
  crop,
  fromModelPixels,
  type IntakeOptions,
  type RgbPicture,
  readPicture,
  remarks,
  toModelPixels,
} from '../engine/intake/index.ts';
import { presets } from '../engine/inversion/index.ts';
import { type DiffusionModel, loadModel } from '../engine/models/index.ts';
import { type AnalogyResult, runAnalogy } from '../engine/pipeline/index.ts';
import { encodePng, type GridCell, renderGrid } from '../engine/render/index.ts';
import { LikewiseError } from '../errors.ts';
import { runCommand, type Terminal } from './command.ts';
import { makeFolder, reasonOf } from './folders.ts';
import {
  type AnalogyArguments,
  cellPaths,
  parseAnalogyArguments,
  usage,
  wantsHelp,
} from './options.ts';
import { type OutputFile, prepareOutputs } from './outputs.ts';
import { progressView } from './progress.ts';
import { analogyReport, cellName } from './report.ts';

type Pictures = [a: CanonicalPicture, a2: CanonicalPicture, b: CanonicalPicture];

/**
 * `analogy A.png A2.png B.png --out grid.png`: the whole way from three files to a grid, and to
 * the cells and the report where they are asked for. What can be wrong with what was given is found
 * before the work begins, and files appear when all of it is done, or not at all.
 */
export async function analogy(args: readonly string[], terminal: Terminal): Promise<void> {
  const { env, stdout, stderr, signal } = terminal;
  // Before the settings: they may be what help is wanted with.
  if (wantsHelp(args)) {
    stdout.write(usage);
    return;
  }
  const config = loadConfig(env);
  const options = parseAnalogyArguments(args, config);
  const began = performance.now();
  // Before the model, which takes its time to open: are these pictures at all?
  await readPictures(options, { size: { width: 64, height: 64 }, limits: config.intake, signal });
  const { out, report, cells } = options;
  const outputs = await prepareOutputs({
    files: [out, ...(report === undefined ? [] : [report]), ...cellPaths(options)],
    folders: cells === undefined ? [] : [cells],
  });
  const view = progressView(stderr);
  try {
    const { provider, memoryMegabytes, precision } = config;
    const warn = (text: string) => void stderr.write(`${text}\n`);
    const settings = { provider, memoryMegabytes, precision, warn };
    await using model = disposable(await loadModel(options.model, settings));
    await using cache = await openRecords(options.cache, config);
    const intake = { size: model.image, limits: config.intake, signal };
    const pictures = await readPictures(options, intake);
    const result = await runAnalogy(model, request(options, pictures), {
      records: cache?.records,
      signal,
      onProgress: view.show,
    });
    const totalSeconds = (performance.now() - began) / 1000;
    const files = await drawFiles(options, config, pictures, result);
    if (report !== undefined) {
      const paths = cells === undefined ? [] : files.slice(1).map(({ path }) => path);
      const told = analogyReport({ model, preset: options.preset }, result, paths, totalSeconds);
      files.push({ path: report, bytes: `${JSON.stringify(told, null, 2)}\n` });
    }
    signal.throwIfAborted();
    await outputs.write(files);
    view.stop();
    for (const note of notes(options, pictures)) stderr.write(`${note}\n`);
  } finally {
    view.stop();
    await outputs.release();
  }
}

async function readPictures(
  { pictures: [a, a2, b] }: AnalogyArguments,
  options: IntakeOptions,
): Promise<Pictures> {
  return [
    await readPicture(a, { ...options, name: 'A' }),
    await readPicture(a2, { ...options, name: "A'" }),
    await readPicture(b, { ...options, name: 'B' }),
  ];
}

function request(options: AnalogyArguments, pictures: Pictures) {
  const [a, aPrime, b] = pictures.map((picture) => ({
    pixels: toModelPixels(picture),
    sha256: picture.sha256,
  })) as [Pixels, Pixels, Pixels];
  const { lambda, guidance, mode, preset, seed } = options;
  const cells = guidance.flatMap((sigma) =>
    lambda.map((strength) => ({ lambda: strength, sigma })),
  );
  return { a, aPrime, b, cells, mode, preset: presets[preset], seed };
}

interface Pixels {
  pixels: Float32Array;
  sha256: string;
}

/** The grid, then each cell where `--cells` asks for them. Every B' has B's own shape. */
async function drawFiles(
  { out, cells: folder, guidance: [firstGuidance] }: AnalogyArguments,
  config: Config,
  pictures: Pictures,
  result: AnalogyResult,
): Promise<OutputFile[]> {
  const [a, a2, b] = pictures.map((picture) => crop(picture, picture.crop)) as [
    RgbPicture,
    RgbPicture,
    RgbPicture,
  ];
  const box = pictures[2].crop;
  const cells: GridCell[] = result.cells.map(({ lambda, sigma, pixels }) => ({
    lambda,
    guidance: sigma,
    picture: crop(fromModelPixels(pixels, pictures[2]), box),
  }));
  const suggested = { lambda: config.render.suggested, guidance: firstGuidance ?? 1 };
  const content = { example: { a, a2 }, b, cells, suggested };
  const files: OutputFile[] = [{ path: out, bytes: await renderGrid(content) }];
  if (folder === undefined) return files;
  for (const { lambda, guidance, picture } of cells) {
    const path = join(folder, cellName(lambda, guidance));
    files.push({ path, bytes: await encodePng(picture) });
  }
  return files;
}

/** What was done to a picture that its owner may not expect. */
function notes({ pictures: paths }: AnalogyArguments, pictures: Pictures): string[] {
  return pictures.flatMap(({ origin }, i) => remarks(origin, paths[i]));
}

type OpenRecords = AsyncDisposable & { records: Records };

async function openRecords(
  place: string | undefined,
  config: Config,
): Promise<OpenRecords | undefined> {
  if (place === undefined) return undefined;
  // An address may hold a password.
  const path = isRedisAddress(place) ? place.replace(/\/\/[^/]*@/, '//') : place;
  const unusable = (cause: unknown) =>
    new LikewiseError('CACHE_UNUSABLE', { path, reason: reasonOf(cause) }, { cause });
  try {
    if (!isRedisAddress(place)) await makeFolder(place);
    const cache = await openCacheAt(place, cacheOptions(config));
    await cache.sweep();
    return {
      records: withReasons(records(cache), unusable),
      [Symbol.asyncDispose]: () => cache.close(),
    };
  } catch (cause) {
    throw unusable(cause);
  }
}

/** A disk that fills up, or a file that is damaged, shows while the cache is used. */
function withReasons(kept: Records, unusable: (cause: unknown) => LikewiseError): Records {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (cause) {
      throw unusable(cause);
    }
  };
  return {
    get: (key) => told(kept.get(key)),
    set: (key, value) => told(kept.set(key, value)),
    delete: (key) => told(kept.delete(key)),
  };
}

function disposable(model: DiffusionModel): DiffusionModel & AsyncDisposable {
  return Object.assign(model, { [Symbol.asyncDispose]: () => model.close() });
}

if (import.meta.main) await runCommand(analogy);
