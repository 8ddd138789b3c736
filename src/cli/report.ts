/** What a run reports: the JSON file of `--report`. Names and order are a promise to its readers. */
export interface AnalogyReport {
  model: { id: string; hash: string };
  provider: string;
  preset: string;
  images: ImageReport[];
  cells: CellReport[];
  totalSeconds: number;
}

export interface ImageReport {
  role: 'A' | "A'" | 'B';
  /** Of the canonical 8-bit pixels, hexadecimal. */
  sha256: string;
  /** Everything that was needed of this image came from the cache. */
  cached: boolean;
  /** U-Net evaluations, counted per sample of a batch. */
  unetForward: number;
  unetVjp: number;
  seconds: number;
  /** Loss of Eq. 2. */
  tokenLoss: { first: number; last: number };
  /** B only: PSNR of D(U+(eps_B, c_B)) against the canonical B, dB. */
  reconstructionDb?: number;
  /** B only: PSNR of D(E(B)) against the canonical B, what no inversion can exceed by much. */
  autoencoderDb?: number;
}

export interface CellReport {
  lambda: number;
  guidance: number;
  /** Where `--cells` wrote it; null without. */
  file: string | null;
  seconds: number;
}

/** File of one B', e.g. `lambda-1.00_guidance-3.00.png`. */
export function cellName(lambda: number, guidance: number): string {
  return `lambda-${lambda.toFixed(2)}_guidance-${guidance.toFixed(2)}.png`;
}
