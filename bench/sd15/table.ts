/** The bench's figures, and how they came about, as plain text. */
import { cpus } from 'node:os';
import type { ProviderChoice } from '../../src/engine/onnx/index.ts';
import { duration } from '../speed/table.ts';
import type { Sd15Arguments } from './arguments.ts';
import { cellsOfTriple, coldTriple, type Part, type Side } from './figures.ts';
import type { Prepared } from './orders.ts';
import type { Reference } from './reference.ts';

/** Lines for people: what computes here on both sides, and in what arithmetic. */
export function about({
  options,
  model,
  prepared,
  tf32,
  tried,
  card,
  total,
  reference,
}: {
  options: Pick<Sd15Arguments, 'threads' | 'memory' | 'provider' | 'reference' | 'ours'>;
  model: string;
  prepared: Prepared;
  tf32: boolean;
  tried: ProviderChoice['tried'];
  card: { readonly name: string } | undefined;
  /** MB of the GPU, as the product finds it out; undefined: on a processor, or not known. */
  total: number | undefined;
  reference: Reference | undefined;
}): string[] {
  const { image, provider, precision } = prepared;
  const { threads, memory } = options;
  const arithmetic = `${precision}${tf32 ? ' rounded to TF32' : ''}`;
  const usual =
    total === undefined
      ? ', up to the default for a GPU that does not tell its memory'
      : `, up to nine tenths of ${total} MB`;
  const byDefault = provider === 'cpu' ? '' : usual;
  const budget = memory === undefined ? byDefault : `, up to ${memory} MB`;
  const lines = [
    `${model}, ${image.width} x ${image.height}; ${cpus()[0]?.model ?? 'CPU'}, ${threads} threads`,
    `ours: on ${provider}${card ? ` (${card.name})` : ''}, ${arithmetic}${budget}`,
  ];
  if (reference) lines.push(`PyTorch: ${reference.description()}`);
  else if (options.reference) lines.push('PyTorch: none');
  if (tf32 && reference && options.ours)
    lines.push('Compared is exact float32, computed once more and untimed.');
  if (reference?.device === 'cpu' && provider !== 'cpu') {
    lines.push("PyTorch's figures are the processor's: no ratio compares like with like.");
  }
  if (provider === 'cpu' && options.provider === 'auto') {
    const why = tried.map((one) => `${one.provider}: ${one.why}`).join('; ');
    lines.push(`No GPU was at hand${why && ` (${why})`}: these are the processor's figures.`);
  }
  return lines;
}

type Sizes = Pick<Sd15Arguments, 'batch' | 'steps'>;

export function partsTable(parts: readonly Part[], sizes: Sizes): string {
  const titles: Record<Part['part'], string> = {
    eq2: `Eq. 2 step, batch ${sizes.batch}`,
    eq3: `Eq. 3 gradient, ${sizes.steps} steps and decoder`,
    render: `render, one cell, ${sizes.steps} steps`,
    open: 'open, to the first U-Net answer',
  };
  const width = Math.max(...Object.values(titles).map(({ length }) => length)) + 2;
  const row = (title: string, ...cells: string[]) =>
    title.padEnd(width) + cells.map((cell) => cell.padStart(17)).join('');
  return [
    row('', 'ours', 'PyTorch', 'ratio', 'peak, ours', 'peak, PyTorch', 'apart'),
    ...parts.map(({ part, ours, reference, apart }) =>
      row(
        titles[part],
        ours ? duration(ours.seconds) : '-',
        reference ? duration(reference.seconds) : '-',
        ours && reference ? `${(reference.seconds / ours.seconds).toFixed(2)} x` : '-',
        peak(ours),
        peak(reference),
        apart ? Math.max(...Object.values(apart)).toExponential(0) : '-',
      ),
    ),
  ].join('\n');
}

/** Memory of the GPU too, where one computed. */
function peak(side: Side | null): string {
  if (!side) return '-';
  const own = side.peakMb === null ? '?' : gigabytes(side.peakMb);
  return side.gpuMb === null ? own : `${own}+${gigabytes(side.gpuMb)}`;
}

function gigabytes(megabytes: number): string {
  return `${(megabytes / 1000).toFixed(megabytes < 10_000 ? 2 : 1)} GB`;
}

/** What follows from the measured steps: renders per second, cold triples. */
export function derived(parts: readonly Part[], sizes: Sizes): string[] {
  const lines: string[] = [];
  const render = parts.find(({ part }) => part === 'render');
  const perSecond = (side: Side | null | undefined) =>
    side && String(Number((1 / side.seconds).toPrecision(2)));
  const each = sides((side) => perSecond(render?.[side]) ?? undefined);
  if (each) lines.push(`renders per second: ${each}`);
  for (const preset of ['fast', 'paper'] as const) {
    const both = sides((side) => {
      const seconds = coldTriple(preset, side, parts, sizes);
      return seconds === null ? undefined : duration(seconds);
    });
    if (both) {
      lines.push(`a cold triple and ${cellsOfTriple} pictures, preset ${preset}: ${both}`);
    }
  }
  return lines;
}

function sides(say: (side: 'ours' | 'reference') => string | undefined): string | undefined {
  const [ours, reference] = [say('ours'), say('reference')];
  const told = [ours, reference && `PyTorch ${reference}`].filter(Boolean);
  return told.length > 0 ? told.join('; ') : undefined;
}
