import type { Dials, Job, JobEvent, JobResult } from '../engine/protocol.ts';
import { refinable, resultButtons } from './buttons.ts';
import type { Attachment, Button, Cell, ProgressView, ResultView, TextView } from './port.ts';
import { formatPress, rounded } from './press.ts';
import type { Place } from './refinements.ts';
import type { Settings } from './settings.ts';
import type { Texts } from './texts/index.ts';

/** What views of one answer have in common. */
export interface Telling {
  readonly texts: Texts;
  readonly settings: Settings;
  /** Sentences about the pictures. */
  readonly remarks: readonly string[];
}

/** A job is told of before it is there: its pictures are read. */
export function readingView({
  texts,
  settings,
}: Pick<Telling, 'texts' | 'settings'>): ProgressView {
  const text = texts.reading;
  const common = { fraction: 0, remarks: [], buttons: [], private: settings.privateReplies };
  return { kind: 'progress', text, ...common };
}

/** @param before the view before this one, whose picture stays until there is another */
export function progressView(
  { texts, settings, remarks }: Telling,
  job: string,
  event: Extract<JobEvent, { kind: 'waiting' | 'progress' }> | undefined,
  before?: ProgressView,
): ProgressView {
  const cancel: Button = {
    id: formatPress({ action: 'cancel', ref: job, numbers: [] }),
    label: texts.buttons.cancel,
    style: 'danger',
  };
  const common = {
    kind: 'progress' as const,
    job,
    remarks,
    buttons: [[cancel]],
    private: settings.privateReplies,
    ...(settings.spoilers && { spoiler: true }),
  };
  const eta = event?.eta;
  const rest = eta === undefined ? {} : { eta: { seconds: eta, text: texts.eta(eta) } };
  if (event?.kind !== 'progress') {
    const position = event?.position ?? 1;
    const text = position === 1 ? texts.next : texts.position(position);
    const waiting = event ? { position } : {};
    return { ...common, ...rest, ...waiting, text, fraction: before?.fraction ?? 0 };
  }
  const { role, phase, step, steps, fraction } = event;
  const preview = event.preview ?? before?.preview;
  const text = texts.working(role, phase, step, steps);
  return { ...common, ...rest, text, fraction, ...(preview !== undefined && { preview }) };
}

/** @param place shows that cell alone, in full size, in place of the grid */
export function resultView(
  telling: Telling,
  job: Job,
  result: JobResult,
  place?: Place,
): ResultView {
  const { texts, settings, remarks } = telling;
  const { dials } = job.request;
  const parent = parentOf(job);
  const cells = result.cells.map(({ lambda, guidance, file }): Cell => {
    const numbers = [lambda, guidance];
    const pick = formatPress({ action: 'pick', ref: job.job, numbers });
    const label = texts.cell(numberText(lambda), numberText(guidance));
    return { lambda, guidance, file, label, pick };
  });
  // A button's numbers are rounded.
  const same = (a: Place, b: Place) =>
    rounded(a.lambda) === rounded(b.lambda) && rounded(a.guidance) === rounded(b.guidance);
  const at = (wanted: Place | undefined) => {
    const index = wanted ? cells.findIndex((cell) => same(cell, wanted)) : -1;
    return index === -1 ? undefined : index;
  };
  const suggested = at(result.suggested);
  const only = cells.length === 1 ? cells[0] : undefined;
  const picked = place ? cells[at(place) ?? -1] : only;
  const picture = picked ? picked.file : (result.animation ?? result.grid);
  const pictureKind = picked ? 'cell' : result.animation !== undefined ? 'animation' : 'grid';
  const [lambda, guidance] = [listText(dials.lambda), listText(dials.guidance)];
  const first = result.suggested && texts.suggested(numberText(result.suggested.lambda));
  const alts = {
    grid: () => texts.gridAlt(lambda, guidance),
    animation: () => texts.animationAlt(rangeText(dials)),
    cell: () => texts.cellAlt(picked?.label ?? ''),
  };
  const cellText = picked && texts.cells(numberText(picked.lambda), numberText(picked.guidance));
  const gridText = texts.cells(lambda, guidance) + (first ? ` ${first}` : '');
  return {
    kind: 'result',
    job: job.job,
    analogy: result.analogy,
    text: cellText ?? gridText,
    ...(picture !== undefined && { picture }),
    pictureKind,
    alt: alts[pictureKind]().slice(0, 1000),
    cells: picked ? [picked] : cells,
    ...(suggested !== undefined && !picked && { suggested }),
    remarks,
    spoiler: settings.spoilers,
    ...(parent !== undefined && { parent }),
    buttons: resultButtons(texts, {
      job: job.job,
      cells,
      place: picked,
      parent,
      hasGrid: place !== undefined && cells.length > 1,
      refinable: refinable(dials, picked, settings.maxCells),
      pictureKind,
    }),
    private: settings.privateReplies,
  };
}

export function textView(
  lines: readonly string[],
  options: {
    title?: string;
    files?: readonly Attachment[];
    buttons?: readonly (readonly Button[])[];
    private?: boolean;
    spoiler?: boolean;
  } = {},
): TextView {
  const { title, files = [], buttons = [], private: isPrivate = true } = options;
  const head = title === undefined ? {} : { title };
  const hidden = options.spoiler === true ? { spoiler: true } : {};
  return { kind: 'text', ...head, lines, files, ...hidden, buttons, private: isPrivate };
}

export function parentOf({ request }: Job): string | undefined {
  return request.kind === 'analogy' ? undefined : request.parent;
}

/** The way numbers of the dials are written: at most two decimals, a true minus. */
export function numberText(value: number): string {
  return String(Math.round(rounded(value) * 100) / 100 || 0).replace('-', '−');
}

function listText(values: readonly number[]): string {
  if (values.length <= 6) return values.map(numberText).join(', ');
  return `${numberText(Math.min(...values))} … ${numberText(Math.max(...values))}`;
}

function rangeText({ lambda }: Dials): string {
  return `${numberText(Math.min(...lambda))} … ${numberText(Math.max(...lambda))}`;
}
