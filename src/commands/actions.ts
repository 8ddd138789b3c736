import type { Job, JobRequestInput, JobResult, Output } from '../engine/protocol.ts';
import { isLikewiseError } from '../errors.ts';
import { dialogs } from './buttons.ts';
import { fitted } from './dials.ts';
import { parseFields } from './fields.ts';
import { applyTo } from './make.ts';
import type { Attachment, Context, View } from './port.ts';
import { formatPress, type Press } from './press.ts';
import { problemView } from './problem.ts';
import { type Place, planOf, type Refinement, refinements } from './refinements.ts';
import { refuse } from './refuse.ts';
import { resultOf } from './result.ts';
import { findJob, ownerOf, type Room, settingsOf } from './room.ts';
import { textsFor } from './texts/index.ts';
import { numberText, parentOf, resultView, type Telling, textView } from './views.ts';
import { submit, tell } from './work.ts';

type Values = Readonly<Record<string, unknown>>;

/** What a press does; its views replace each other. */
export interface Action {
  /** Whether those may do it, too, who may not use the commands. @default false */
  readonly open?: boolean;
  run(context: Context, press: Press, values: Values): AsyncIterable<View>;
}

/** A result, and the place in it that is meant. */
interface Seen {
  readonly job: Job;
  readonly result: JobResult;
  /** What was picked. */
  readonly place: Place | undefined;
  /** What was picked, or is looked at first. */
  readonly focus: Place;
  readonly telling: Telling;
}

/** Files that one message takes. */
const mostFiles = 10;

/** All that the buttons of a result do. None of it, but for `apply` and `again`, inverts anything. */
export function resultActions(room: Room): Record<string, Action> {
  const see = async (context: Context, { ref, numbers }: Press): Promise<Seen> => {
    const job = await findJob(room, context, ref);
    const result = resultOf(job);
    const focus = result.suggested ??
      result.cells[Math.floor((result.cells.length - 1) / 2)] ?? { lambda: 1, guidance: 2 };
    const [lambda, guidance = focus.guidance] = numbers;
    const place = lambda === undefined ? undefined : { lambda, guidance };
    const settings = await settingsOf(room, context);
    const telling = { texts: textsFor(context.locale), settings, remarks: [] };
    return { job, result, place, focus: place ?? focus, telling };
  };

  /** Draws along the result's direction on its B. */
  async function* render(
    context: Context,
    { job, result, telling }: Seen,
    dials: JobRequestInput['dials'],
    output: Output,
    others: readonly { analogy: string; weight: number }[] = [],
    weight = 1,
  ): AsyncGenerator<View, void, undefined> {
    const turn = await room.running.take(context);
    const analogies = [{ analogy: result.analogy, weight }, ...others];
    // One place of the dials at a time, along the direction as it is: of that nothing needs to stay.
    const isTried = context.live === true && output === 'cells' && others.length === 0;
    const transient = isTried && weight === 1 ? { transient: true } : {};
    const common = { kind: 'render' as const, b: result.b, parent: job.job, ...transient };
    let drawn: Job;
    try {
      drawn = await submit(room, context, telling, { ...common, analogies, dials, output });
    } catch (error) {
      if (!isLikewiseError(error) || error.code !== 'INVERSION_GONE') throw error;
      // B's picture may be there still: it can be inverted once more.
      const { texts } = telling;
      const id = formatPress({ action: 'again', ref: job.job, numbers: [] });
      const again = { id, label: texts.buttons.again, style: 'primary' as const };
      yield problemView(error, { texts, log: room.log, buttons: [[again]] });
      return;
    }
    await turn.accepted(drawn.job);
    yield* tell(room, context, telling, drawn, turn);
  }

  const refine = (refinement: Refinement): Action => ({
    async *run(context, press) {
      const seen = await see(context, press);
      const { dials: from } = seen.job.request;
      const { animation } = context.can;
      const { maxCells: most } = seen.telling.settings;
      const { place, focus } = seen;
      const { dials, output } = planOf(refinement, { from, place, focus, animation, most });
      yield* render(context, seen, dials, output);
    },
  });
  const dials = Object.fromEntries(refinements.map((name) => [name, refine(name)]));

  return {
    ...dials,
    pick: {
      async *run(context, press) {
        const seen = await see(context, press);
        const { job, result, focus, telling } = seen;
        const cell = cellAt(result, focus);
        if (cell) {
          await room.engine.file(ownerOf(context), cell.file);
          yield resultView(telling, job, result, cell);
        } else {
          const drawn = { lambda: [focus.lambda], guidance: [focus.guidance] };
          yield* render(context, seen, drawn, 'cells');
        }
      },
    },
    back: {
      async *run(context, press) {
        const { job, result, telling } = await see(context, press);
        yield resultView(telling, job, result);
      },
    },
    undo: {
      async *run(context, press) {
        const parent = parentOf(await findJob(room, context, press.ref));
        if (parent === undefined) {
          const { noParent } = textsFor(context.locale).reasons;
          throw refuse('INPUT_INVALID', { field: 'job', reason: noParent });
        }
        const { job, result, telling } = await see(context, { ...press, ref: parent, numbers: [] });
        yield resultView(telling, job, result);
      },
    },
    show: {
      async *run(context, { ref }) {
        const job = await findJob(room, context, ref);
        const settings = await settingsOf(room, context);
        const telling = { texts: textsFor(context.locale), settings, remarks: [] };
        yield* tell(room, context, telling, job);
      },
    },
    original: {
      async *run(context, press) {
        const { job, result, place, telling } = await see(context, press);
        const all = originals(job, result, place);
        const files = all.slice(0, mostFiles);
        const left = all.length - files.length;
        for (const file of files) {
          if ('file' in file) await room.engine.file(ownerOf(context), file.file);
        }
        const { original, notShown } = telling.texts;
        yield textView([original, ...(left > 0 ? [notShown(left)] : [])], {
          files,
          private: telling.settings.privateReplies,
          spoiler: telling.settings.spoilers,
        });
      },
    },
    combine: {
      async *run(context, press, values) {
        const texts = textsFor(context.locale);
        const { analogy: name, weight = 1, own } = parseFields(dialogs.combine(texts), values);
        const seen = await see(context, press);
        const other = await room.engine.analogy(ownerOf(context), { name });
        const { place, job } = seen;
        const shown = place
          ? { lambda: [place.lambda], guidance: [place.guidance] }
          : fitted(job.request.dials, seen.telling.settings.maxCells);
        const output = shown.lambda.length * shown.guidance.length === 1 ? 'cells' : 'grid';
        yield* render(context, seen, shown, output, [{ analogy: other.analogy, weight }], own);
      },
    },
    apply: {
      async *run(context, press, values) {
        const texts = textsFor(context.locale);
        const { picture } = parseFields(dialogs.apply(texts), values);
        const { job, result } = await see(context, press);
        const source = { id: result.analogy, parent: job.job };
        yield* applyTo(room, context, picture, async () => source);
      },
    },
    again: {
      async *run(context, press) {
        const { job, result, telling } = await see(context, press);
        const { settings } = telling;
        const claim = await room.quota.take(context, settings);
        let applied: Job;
        try {
          const make = () =>
            submit(room, context, telling, {
              kind: 'apply',
              analogies: [{ analogy: result.analogy, weight: 1 }],
              b: result.b,
              dials: fitted(job.request.dials, settings.maxCells),
              parent: job.job,
            });
          applied = await claim.spend(make);
        } finally {
          claim.end();
        }
        yield* tell(room, context, telling, applied);
      },
    },
    name: {
      async *run(context, press, values) {
        const texts = textsFor(context.locale);
        const { name, description } = parseFields(dialogs.name(texts), values);
        const { result, telling } = await see(context, press);
        const saved = await room.engine.saveAnalogy(ownerOf(context), {
          analogy: result.analogy,
          name,
          ...(description !== undefined && { description }),
        });
        const { privateReplies } = telling.settings;
        yield textView([texts.saved(saved.name ?? name)], { private: privateReplies });
      },
    },
  };
}

function cellAt(result: JobResult, place: Place) {
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-4;
  return result.cells.find(
    ({ lambda, guidance }) => near(lambda, place.lambda) && near(guidance, place.guidance),
  );
}

/** What is downloaded: the picked cell; a moving picture; or the grid and its cells. */
function originals({ request }: Job, result: JobResult, place: Place | undefined): Attachment[] {
  const cells = (place ? [cellAt(result, place)] : result.cells).flatMap((cell): Attachment[] => {
    if (!cell) return [];
    const { lambda, guidance, file } = cell;
    const name = `strength ${numberText(lambda)} guidance ${numberText(guidance)}.png`;
    return [{ name: name.replaceAll('−', '-').replaceAll(' ', '_'), type: 'image/png', file }];
  });
  if (place) return cells;
  const { animation, grid } = result;
  if (animation !== undefined) {
    const type = request.kind === 'render' && request.output === 'gif' ? 'gif' : 'webp';
    return [{ name: `likewise.${type}`, type: `image/${type}`, file: animation }];
  }
  return grid === undefined
    ? cells
    : [{ name: 'grid.png', type: 'image/png', file: grid }, ...cells];
}
