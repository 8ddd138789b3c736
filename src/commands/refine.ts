import type { Action } from './actions.ts';
import { defineCommand, field, optional } from './fields.ts';
import { refinements } from './refinements.ts';
import { refuse } from './refuse.ts';
import { findJob, type Room } from './room.ts';
import { textsFor } from './texts/index.ts';

/** Actions of a result's buttons that a command can ask for as well. */
export const refineActions = [
  ...refinements,
  'pick',
  'combine',
  'original',
  'undo',
  'again',
] as const;

/** What a result's buttons do, for whom buttons are not at hand; and both dials, at any place. */
export function refineCommand(
  room: Room,
  actions: Readonly<Record<string, Action>>,
  texts = textsFor('en'),
) {
  return defineCommand({
    name: 'refine',
    description: texts.commands.refine,
    specs: {
      action: field.choice(texts.fields.action, refineActions),
      job: optional(field.job(texts.fields.job)),
      strength: optional(field.number(texts.fields.strength, -100, 100)),
      guidance: optional(field.number(texts.fields.guidance, 0, 100)),
      analogy: optional(field.analogy(texts.fields.other)),
      weight: optional(field.number(texts.fields.weight, -10, 10)),
      own: optional(field.number(texts.fields.own, -10, 10)),
    },
    async *run(context, { action, job, strength, guidance, ...values }) {
      if (strength === undefined && guidance !== undefined) {
        const { needsStrength } = textsFor(context.locale).reasons;
        throw refuse('INPUT_INVALID', { field: 'strength', reason: needsStrength });
      }
      const { job: ref } = await findJob(room, context, job);
      const numbers = strength === undefined ? [] : [strength];
      if (strength !== undefined && guidance !== undefined) numbers.push(guidance);
      const chosen = actions[action] as Action;
      yield* chosen.run(context, { action, ref, numbers }, values);
    },
  });
}

/** How far a job is, or its result. */
export function showCommand(actions: Readonly<Record<string, Action>>, texts = textsFor('en')) {
  return defineCommand({
    name: 'show',
    description: texts.commands.show,
    specs: { job: optional(field.job(texts.fields.job)) },
    async *run(context, { job }) {
      const show = actions.show as Action;
      yield* show.run(context, { action: 'show', ref: job, numbers: [] }, {});
    },
  });
}
