import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, LazyFile, View, Views } from '../../commands/port.ts';
import { answer, type Place } from './answer.ts';
import { type Asked, contextOf, messageIn } from './context.ts';
import type { Desk } from './desk.ts';
import { downloadOf } from './downloads.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import {
  type Answers,
  type BlockErrors,
  errorsOf,
  missingIn,
  type State,
  usesOf,
  valuesOf,
} from './modals/index.ts';

/** A dialog that was sent. */
export interface Submission {
  readonly callbackId: string;
  readonly metadata: string;
  readonly state: State;
}

/** Closes the dialog, or says below its fields what is to be mended. */
export type Close = (errors?: BlockErrors) => Promise<void>;

/** Milliseconds in which a command may say that its input is wrong; Slack waits for 3 s. */
const patience = 1200;

export async function submit(
  desk: Desk,
  asked: Asked,
  { callbackId, metadata, state }: Submission,
  close: Close,
): Promise<void> {
  const meta = readMetadata(metadata);
  const answers = valuesOf(state);
  const { where, channel, ...values } = answers.values;
  const place: Place = {
    channel: channel ?? meta.channel,
    thread: channel ? undefined : meta.thread,
  };
  const known =
    meta.message === undefined ? undefined : desk.answers.byMessage(meta.message, meta.channel);
  const isDirect = place.channel === undefined || place.channel.startsWith('D');
  const context = contextOf(asked, {
    signal: desk.signal,
    message: messageIn(meta.channel, meta.message),
    spoiler: known?.spoiler,
    ...(where === 'me' && !isDirect && { private: true }),
  });
  const planned = planOf(desk, asked, { callbackId, meta, answers, values });
  if ('errors' in planned) return close(planned.errors);
  const views = planned.run(context);
  const first = views.next();
  const early = await Promise.race([first, sleep(patience, undefined, { ref: false })]);
  const view = early?.value;
  const blocks = Object.keys(state);
  if (view?.kind === 'problem' && view.code === 'INPUT_INVALID' && blocks.length > 0) {
    await views.return(undefined);
    return close(errorsOf(view, blocks));
  }
  await close();
  await answer(desk, asked, context, chained(first, views), place);
}

interface Plan {
  readonly callbackId: string;
  readonly meta: Metadata;
  readonly answers: Answers;
  readonly values: Readonly<Record<string, string>>;
}

/** What is to be run, or what hinders it. */
function planOf(
  { commands, hosts, most }: Desk,
  { wire, member: { locale } }: Asked,
  { callbackId, meta, answers, values }: Plan,
): { readonly errors: BlockErrors } | { readonly run: (context: Context) => Views } {
  const load = (id: string): LazyFile => downloadOf(wire, id, { hosts, most });
  const files = Object.fromEntries(
    Object.entries(answers.files).flatMap(([name, [id]]) => (id ? [[name, load(id)]] : [])),
  );
  const input = { ...values, ...files };
  const run = (name: string, given: Record<string, unknown>) => ({
    run: (context: Context) => commands.run(context, name, given),
  });
  const [kind, ...rest] = callbackId.split('~');
  const id = rest.join('~');
  if (kind === 'press') return { run: (context) => commands.press(context, id, input) };
  if (kind === 'run') return run(id, input);
  if (kind === 'apply') {
    const { analogy, job } = meta;
    return run('apply', { ...input, ...(job === undefined ? { analogy } : { job }) });
  }
  if (kind === 'new') {
    const errors = missingIn(answers, locale);
    return errors ? { errors } : run(values.analogy === undefined ? 'analogy' : 'apply', input);
  }
  const items = meta.files ?? [];
  const found = usesOf(answers, items, locale);
  if (!found.ok) return { errors: found.errors };
  const used = Object.entries(found.uses).map(([use, file]) => [use, load(file)]);
  const plain = Object.entries(input).filter(([name]) => !/^use\d$/.test(name));
  const name = values.analogy === undefined ? 'analogy' : 'apply';
  return run(name, { ...Object.fromEntries(plain), ...Object.fromEntries(used) });
}

async function* chained(first: Promise<IteratorResult<View, void>>, views: Views): Views {
  const { done, value } = await first;
  if (done) return;
  yield value;
  yield* views;
}
