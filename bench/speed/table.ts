/** The speed bench's results as plain text. */
import type { Timing } from './compare.ts';
import { evaluationsOf, type TripleTiming } from './triples.ts';

export function timingTable(timings: readonly Timing[]): string {
  const width = Math.max(...timings.map(({ title }) => title.length)) + 2;
  const row = (title: string, ...cells: string[]) =>
    title.padEnd(width) + cells.map((cell) => cell.padStart(11)).join('');
  return [
    row('', 'ours', 'PyTorch', 'ratio', 'error'),
    ...timings.map(({ title, ours, reference, ratio, error }) =>
      row(
        title,
        duration(ours),
        reference === null ? '-' : duration(reference),
        ratio === null ? '-' : `${ratio.toFixed(2)} x`,
        error === null ? '-' : error.toExponential(0),
      ),
    ),
  ].join('\n');
}

/** A gradient in units of forwards, on both sides. */
export function inForwards(timings: readonly Timing[]) {
  const find = (id: string) => timings.find((timing) => timing.id === id);
  const pairs = [
    ['unet', 'unet_vjp', 'batch 8, by context'],
    ['unet_one', 'unet_one_vjp', 'one sample, by sample'],
  ] as const;
  return pairs.flatMap(([forwardId, vjpId, what]) => {
    const [forward, vjp] = [find(forwardId), find(vjpId)];
    if (!forward || !vjp) return [];
    const theirs = forward.reference && vjp.reference ? vjp.reference / forward.reference : null;
    return [{ what, ours: vjp.ours / forward.ours, reference: theirs }];
  });
}

export function tripleText(triple: TripleTiming): string {
  const { preset, fraction, load, tokens, noise, render, total, warm, peakMb } = triple;
  const { forward, vjp, all } = evaluationsOf(triple);
  const share =
    fraction === 1
      ? ''
      : ` (extrapolated from ${(100 * fraction).toFixed(1)} % of its steps, which were made)`;
  const [db, floor] = [triple.reconstructionDb, triple.autoencoderDb];
  const quality =
    fraction === 1 && db !== undefined && floor !== undefined
      ? `; B comes back at ${db.toFixed(2)} dB, the autoencoder alone ${floor.toFixed(2)} dB`
      : '';
  return [
    `${preset}, cold${share}: ${duration(total)} = model ${duration(load)}, tokens ${duration(tokens)}, ` +
      `noise ${duration(noise)}, render ${duration(render)}`,
    `  ${all} U-Net evaluations: ${forward} forward, ${vjp} with gradient; ` +
      `peak memory ${Math.round(peakMb)} MB${quality}`,
    `  warm, renders only: ${duration(warm)}`,
  ].join('\n');
}

export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 600) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
