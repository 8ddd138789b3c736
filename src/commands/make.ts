import type { Job, JobRequestInput } from '../engine/protocol.ts';
import { dialsFor } from './dials.ts';
import { defineCommand, field, optional } from './fields.ts';
import { readAnalogyFile, readPictures, type Sent } from './pictures.ts';
import type { Context, LazyFile, View } from './port.ts';
import { refuse } from './refuse.ts';
import { resultOf } from './result.ts';
import { findJob, ownerOf, type Room, settingsOf } from './room.ts';
import { type Texts, textsFor } from './texts/index.ts';
import { readingView, type Telling } from './views.ts';
import { submit, tell } from './work.ts';

/** Fields that the commands which make something have in common. */
const dialFields = (texts: Texts) => ({
  strengths: optional(field.numbers(texts.fields.strengths, -100, 100, 100)),
  guidance: optional(field.numbers(texts.fields.guidances, 0, 100, 20)),
  text: optional(field.text(texts.fields.text, 300)),
});

interface Dialled {
  readonly strengths?: number[] | undefined;
  readonly guidance?: number[] | undefined;
  readonly text?: string | undefined;
}

type Optional = ReturnType<typeof optional<ReturnType<typeof field.picture>['schema']>>;

/** Of one more pair, whose direction is averaged with the others'. */
function pairFields<N extends 2 | 3 | 4 | 5>(texts: Texts, n: N) {
  return {
    [`before${n}`]: optional(field.picture(texts.fields.moreBefore(n))),
    [`after${n}`]: optional(field.picture(texts.fields.moreAfter(n))),
  } as Record<`before${N}` | `after${N}`, Optional>;
}

/** A, A', B and up to four more pairs. */
export function analogyCommand(room: Room, texts = textsFor('en')) {
  return defineCommand({
    name: 'analogy',
    description: texts.commands.analogy,
    specs: {
      before: field.picture(texts.fields.before),
      after: field.picture(texts.fields.after),
      picture: field.picture(texts.fields.picture),
      ...dialFields(texts),
      ...pairFields(texts, 2),
      ...pairFields(texts, 3),
      ...pairFields(texts, 4),
      ...pairFields(texts, 5),
    },
    async *run(context, input) {
      const pairs = [
        { a: input.before, aPrime: input.after, n: '' },
        ...([2, 3, 4, 5] as const).flatMap((n) => {
          const [a, aPrime] = [input[`before${n}`], input[`after${n}`]];
          if (!a && !aPrime) return [];
          if (a && aPrime) return [{ a, aPrime, n: ` ${n}` }];
          const missing = a ? `after${n}` : `before${n}`;
          const { pair } = textsFor(context.locale).reasons;
          throw refuse('INPUT_INVALID', { field: missing, reason: pair });
        }),
      ];
      const { role } = textsFor(context.locale);
      const sent = pairs.flatMap(({ a, aPrime, n }): Sent[] => [
        { file: a, role: `${role.before}${n}` },
        { file: aPrime, role: `${role.after}${n}` },
      ]);
      sent.push({ file: input.picture, role: role.picture });
      yield* make(room, context, sent, input, async () => (pictures, dials) => ({
        kind: 'analogy',
        pairs: pairs.map((_, i) => ({
          a: pictures[2 * i] as string,
          aPrime: pictures[2 * i + 1] as string,
        })),
        b: pictures.at(-1) as string,
        ...dials,
      }));
    },
  });
}

/** An analogy that is there on another picture: of a result, by name, or from a file. */
export function applyCommand(room: Room, texts = textsFor('en')) {
  return defineCommand({
    name: 'apply',
    description: texts.commands.apply,
    specs: {
      picture: field.picture(texts.fields.picture),
      analogy: optional(field.analogy(texts.fields.analogy)),
      job: optional(field.job(texts.fields.job)),
      file: optional(field.file(texts.fields.file)),
      ...dialFields(texts),
    },
    async *run(context, input) {
      const ways = [input.analogy, input.job, input.file].filter((way) => way !== undefined);
      if (ways.length > 1) {
        const { oneSource } = textsFor(context.locale).reasons;
        throw refuse('INPUT_INVALID', { field: 'analogy', reason: oneSource });
      }
      const source = () => sourceOf(room, context, input);
      yield* applyTo(room, context, input.picture, source, input);
    },
  });
}

async function sourceOf(
  room: Room,
  context: Context,
  {
    analogy: name,
    job,
    file,
  }: { analogy?: string | undefined; job?: string | undefined; file?: LazyFile | undefined },
): Promise<Source> {
  const owner = ownerOf(context);
  if (name !== undefined) return { id: (await room.engine.analogy(owner, { name })).analogy };
  if (file) {
    const bytes = await readAnalogyFile(context, file);
    return { id: (await room.engine.importAnalogy(owner, bytes)).analogy };
  }
  const found = await findJob(room, context, job);
  return { id: resultOf(found).analogy, parent: found.job };
}

export interface Source {
  /** Of the analogy. */
  readonly id: string;
  /** The job whose result it comes from. */
  readonly parent?: string;
}

/**
 * Applies a stored analogy to a new picture: that alone is inverted.
 * @param source is looked for once it is clear that something may be made
 */
export async function* applyTo(
  room: Room,
  context: Context,
  picture: LazyFile,
  source: () => Promise<Source>,
  dialled: Dialled = {},
): AsyncGenerator<View, void, undefined> {
  const sent = [{ file: picture, role: textsFor(context.locale).role.picture }];
  yield* make(room, context, sent, dialled, async () => {
    const { id, parent } = await source();
    return ([b = ''], dials) => ({
      kind: 'apply',
      analogies: [{ analogy: id, weight: 1 }],
      b,
      ...dials,
      ...(parent !== undefined && { parent }),
    });
  });
}

type Asked = Pick<JobRequestInput, 'dials' | 'text'>;

/** All that can be refused is, before a picture is read. */
async function* make(
  room: Room,
  context: Context,
  sent: readonly Sent[],
  { text, ...dialled }: Dialled,
  prepare: () => Promise<(pictures: readonly string[], asked: Asked) => JobRequestInput>,
): AsyncGenerator<View, void, undefined> {
  const texts = textsFor(context.locale);
  const settings = await settingsOf(room, context);
  const dials = dialsFor(dialled, room.dials, settings.maxCells);
  const asked: Asked = { dials, ...(text !== undefined && { text }) };
  const claim = await room.quota.take(context, settings);
  let telling: Telling;
  let job: Job;
  try {
    const request = await prepare();
    yield readingView({ texts, settings });
    const { pictures, remarks } = await readPictures(room, context, texts, sent);
    telling = { texts, settings, remarks };
    job = await claim.spend(() => submit(room, context, telling, request(pictures, asked)));
  } finally {
    claim.end();
  }
  yield* tell(room, context, telling, job);
}
