import { cacheKey, type KeyParts, type Packable, type Records } from '../../cache/index.ts';
import {
  findPictureNoise,
  findTokens,
  inversionVersion,
  type PictureNoise,
  type Preset,
  type Procedure,
  type TokensResult,
  tokensOptions,
} from '../inversion/index.ts';
import { type DiffusionModel, type Float32Tensor, float32 } from '../models/index.ts';

/** A picture as the model sees it. */
export interface PipelinePicture {
  /** [3, H, W], RGB in [-1, 1]. */
  readonly pixels: Float32Array;
  /** SHA-256 that names exactly these pixels, hex. */
  readonly sha256: string;
}

/** Something to find out about a picture, once: a task for `runInversion`, or for a queue. */
export interface Inversion<Result> {
  /** Two inversions with one key have one answer. */
  readonly key: string;
  /** Makes the states and the result; the state's type is its own business. */
  procedure(): Procedure<Packable, Result>;
  toRecord(result: Result): Packable;
  /** undefined where the record is not what `toRecord` makes for this model. */
  fromRecord(record: Packable): Result | undefined;
}

export interface InverterOptions {
  preset: Preset;
  seed: number;
  /** The tenant whose pictures these are: results are shared within it only. */
  scope: string;
}

/** Tokens of a picture, with what made them: what the next inversion depends on. */
export interface Described extends TokensResult {
  readonly key: string;
}

export interface Inverter {
  /** Eq. 2. @param reference A's, where the picture is A' */
  tokens(picture: PipelinePicture, reference?: Described): Inversion<TokensResult>;
  /** Eq. 3, or the fixed point. @param described the same picture's tokens */
  noise(picture: PipelinePicture, described: Described): Inversion<PictureNoise>;
}

/** What is found about pictures, and the keys under which it is kept. */
export function createInverter(model: DiffusionModel, options: InverterOptions): Inverter {
  const { preset, seed, scope } = options;
  const { height, width } = model.image;
  const tensor = (picture: PipelinePicture): Float32Tensor =>
    float32([1, 3, height, width], picture.pixels);
  // What one precision finds is not taken for the other's; float32 goes without saying, in keys of old too.
  const { hash, provider, precision } = model;
  const arithmetic = `${hash} ${provider}${precision === 'float32' ? '' : ` ${precision}`}`;
  const key = (
    picture: PipelinePicture,
    algorithm: KeyParts['algorithm'],
    parameters: KeyParts['parameters'],
  ) =>
    cacheKey({
      scope,
      image: picture.sha256,
      model: arithmetic,
      algorithm,
      parameters,
      version: inversionVersion,
    });
  const ofTokens = tokensOptions(preset, model);
  const { length, tokenWidth, width: contextWidth } = model.text;
  const latents = model.latent.channels * model.latent.height * model.latent.width;

  return {
    tokens(picture, reference) {
      const { startFromReference, sparsity } = ofTokens;
      // A reference that plays no part must not split the cache.
      const used = startFromReference || sparsity > 0 ? reference : undefined;
      return {
        key: key(picture, 'tokens', { ...ofTokens, seed, reference: used?.key ?? null }),
        procedure: () =>
          findTokens(
            model,
            { pixels: tensor(picture), ...(used && { reference: used }) },
            ofTokens,
            seed,
          ) as Procedure<unknown, TokensResult> as Procedure<Packable, TokensResult>,
        toRecord: (result) => ({ ...result }),
        fromRecord(record) {
          const result = record as unknown as TokensResult;
          const whole =
            isFloat32(result?.tokens, length * tokenWidth) &&
            isFloat32(result.start, length * tokenWidth) &&
            isFloat32(result.c, length * contextWidth);
          return whole ? result : undefined;
        },
      };
    },

    noise(picture, described) {
      const { steps, fixedPoint, noise } = preset;
      return {
        key: key(picture, 'noise', { steps, fixedPoint, noise, seed, tokens: described.key }),
        procedure: () =>
          findPictureNoise(
            model,
            { pixels: tensor(picture), c: described.c },
            preset,
            seed,
          ) as Procedure<unknown, PictureNoise> as Procedure<Packable, PictureNoise>,
        toRecord: (result) => ({ ...result }),
        fromRecord(record) {
          const result = record as unknown as PictureNoise;
          return isFloat32(result?.noise, latents) ? result : undefined;
        },
      };
    },
  };
}

/** The answer that is kept, if one is. */
export async function lookUp<Result>(
  inversion: Inversion<Result>,
  records: Records | undefined,
): Promise<Result | undefined> {
  const record = await records?.get(inversion.key);
  return record === undefined ? undefined : inversion.fromRecord(record);
}

function isFloat32(value: unknown, length: number): boolean {
  return value instanceof Float32Array && value.length === length;
}
