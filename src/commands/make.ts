import type { JobRequestInput } from '../engine/protocol.ts';
import { defineCommand, field, optional } from './fields.ts';
import { readAnalogyFile, readPictures, type Sent } from './pictures.ts';
import type { Context, LazyFile, View } from './port.ts';
import { refuse } from './refuse.ts';
import { resultOf } from './result.ts';
import { checkQuota, findJob, ownerOf, type Room } from './room.ts';
import { type Texts, textsFor } from './texts.ts';
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
          throw refuse('INPUT_INVALID', { field: missing, reason: 'it is missing in its pair' });
        }),
      ];
      const sent = pairs.flatMap(({ a, aPrime, n }): Sent[] => [
        { file: a, role: `${texts.role.before}${n}` },
        { file: aPrime, role: `${texts.role.after}${n}` },
      ]);
      sent.push({ file: input.picture, role: texts.role.picture });
      yield* make(room, context, sent, input, (pictures, dials) => ({
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
        const reason = 'only one of analogy, job and file can be applied';
        throw refuse('INPUT_INVALID', { field: 'analogy', reason });
      }
      const source = await sourceOf(room, context, input);
      yield* applyTo(room, context, input.picture, { ...source, ...input });
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

interface Source {
  /** Of the analogy. */
  readonly id: string;
  /** The job whose result it comes from. */
  readonly parent?: string;
}

/** Applies a stored analogy to a new picture: that alone is inverted. */
export async function* applyTo(
  room: Room,
  context: Context,
  picture: LazyFile,
  source: Source & Dialled,
): AsyncGenerator<View, void, undefined> {
  const { id, parent } = source;
  const sent = [{ file: picture, role: textsFor(context.locale).role.picture }];
  yield* make(room, context, sent, source, ([b = ''], dials) => ({
    kind: 'apply',
    analogies: [{ analogy: id, weight: 1 }],
    b,
    ...dials,
    ...(parent !== undefined && { parent }),
  }));
}

type Asked = Pick<JobRequestInput, 'dials' | 'text'>;

async function* make(
  room: Room,
  context: Context,
  sent: readonly Sent[],
  { strengths, guidance, text }: Dialled,
  request: (pictures: readonly string[], asked: Asked) => JobRequestInput,
): AsyncGenerator<View, void, undefined> {
  const texts = textsFor(context.locale);
  const settings = await room.settings.get(context.tenant);
  await checkQuota(room, context, settings);
  yield readingView({ texts, settings });
  const { pictures, remarks } = await readPictures(room, context, texts, sent);
  const telling: Telling = { texts, settings, remarks };
  const dials = {
    lambda: strengths ?? [...room.dials.lambda],
    guidance: guidance ?? [...room.dials.guidance],
  };
  const asked: Asked = { dials, ...(text !== undefined && { text }) };
  const job = await submit(room, context, telling, request(pictures, asked));
  yield* tell(room, context, telling, job);
}
