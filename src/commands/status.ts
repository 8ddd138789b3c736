import { createHash } from 'node:crypto';
import type { Job } from '../engine/protocol.ts';
import type { Action } from './actions.ts';
import { type DefinedCommand, defineCommand, field, optional } from './fields.ts';
import { keepButton } from './library.ts';
import type { Button, Context, ListItem, View } from './port.ts';
import { formatPress } from './press.ts';
import { refuse } from './refuse.ts';
import { ownerOf, type Room } from './room.ts';
import { type Texts, textsFor } from './texts/index.ts';
import { textView } from './views.ts';

/** Jobs of one list. */
const mostJobs = 10;

const isOpen = ({ state }: Job) => state === 'waiting' || state === 'running';

/** What goes on, and how to end it; open to all: nobody is kept from their own. */
export function statusCommands(room: Room, texts = textsFor('en')): DefinedCommand[] {
  return [
    defineCommand({
      name: 'status',
      description: texts.commands.status,
      specs: {},
      open: true,
      async *run(context) {
        const owner = ownerOf(context);
        const [{ waiting, accepting }, jobs] = [
          await room.engine.status(owner),
          await room.engine.jobs(owner),
        ];
        const words = textsFor(context.locale);
        const mine = jobs.filter(({ user }) => user === context.user).slice(0, mostJobs);
        const title = words.jobs(waiting.render, waiting.inversion);
        yield {
          kind: 'list',
          title: accepting ? title : `${title} ${words.notAccepting}`,
          empty: words.noJobs,
          items: mine.map((job) => itemOf(words, job)),
          buttons: [],
          private: true,
        };
      },
    }),
    defineCommand({
      name: 'cancel',
      description: texts.commands.cancel,
      specs: { job: optional(field.job(texts.fields.job)) },
      open: true,
      async *run(context, { job }) {
        yield await cancel(room, context, job);
      },
    }),
    defineCommand({
      name: 'forget',
      description: texts.commands.forget,
      specs: {},
      open: true,
      async *run(context) {
        const words = textsFor(context.locale);
        const yes: Button = {
          id: formatPress({ action: 'forgetyes', ref: markOf(context), numbers: [] }),
          label: words.buttons.forgetYes,
          style: 'danger',
        };
        const buttons = [[yes, keepButton(words)]];
        yield { kind: 'confirm', text: words.forgetQuestion, buttons, private: true };
      },
    }),
  ];
}

export function statusActions(room: Room): Record<string, Action> {
  return {
    cancel: {
      open: true,
      async *run(context, { ref }) {
        yield await cancel(room, context, ref);
      },
    },
    forgetyes: {
      open: true,
      async *run(context, { ref }) {
        // Others may see the question: it is about whoever asked.
        if (ref !== markOf(context)) throw refuse('JOB_NOT_YOURS', {});
        const forgotten = await room.engine.forget(ownerOf(context));
        yield textView([textsFor(context.locale).forgotten(forgotten)]);
      },
    },
  };
}

/** A job of one's own, the latest that is not over where none is named; a moderator: any. */
async function cancel(room: Room, context: Context, id: string | undefined): Promise<View> {
  const owner = ownerOf(context);
  const texts = textsFor(context.locale);
  const isMine = ({ user }: Job) => user === context.user;
  const job =
    id === undefined
      ? (await room.engine.jobs(owner)).find((each) => isMine(each) && isOpen(each))
      : await room.engine.job(owner, id);
  if (!job) return textView([texts.nothingToCancel]);
  if (!isMine(job) && !context.moderator) throw refuse('JOB_NOT_YOURS', {});
  const isFollowed = room.running.isFollowed(job.job);
  if (!(await room.engine.cancel(owner, job.job))) return textView([texts.over]);
  // Where it is told of, its end is seen there; else it is shown where the button was.
  if (isFollowed) return textView([texts.cancelled]);
  const common = { job: job.job, replaced: false, buttons: [], private: true };
  return { kind: 'cancelled', text: texts.cancelled, ...common };
}

function itemOf(texts: Texts, job: Job): ListItem {
  const { request, state, submittedAt } = job;
  const button = (action: 'show' | 'cancel'): Button => ({
    id: formatPress({ action, ref: job.job, numbers: [] }),
    label: texts.buttons[action],
    style: action === 'cancel' ? 'danger' : 'plain',
  });
  const at = new Date(submittedAt).toISOString().slice(0, 16).replace('T', ' ');
  return {
    title: texts.jobTitle[request.kind],
    text: `${texts.states[state]}, ${at} UTC`,
    ref: job.job,
    buttons: isOpen(job) ? [button('show'), button('cancel')] : [button('show')],
  };
}

/** Names a user in a button, however long the platform's id is. */
function markOf({ tenant, user }: Context): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, user]))
    .digest('hex')
    .slice(0, 32);
}
