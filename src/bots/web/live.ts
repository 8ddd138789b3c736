import type { Commands, Context, View } from '../../commands/port.ts';

/** A place of both sliders, or the button of a cell that is picked. */
export type Glance =
  | {
      readonly job: string;
      readonly lambda: number;
      readonly guidance: number;
      /** Whether the slider was let go there. */
      readonly final: boolean;
    }
  | { readonly button: string };

/**
 * What is seen while somebody tries what suits: it is no message. Of what a slider passes
 * by nothing stays (`Context.live`); where it is let go a job stays, which its buttons go on from.
 *
 * Each position of a slider is a refinement of the result that it belongs to. One runs for a message at
 * a time: the commands cancel the one before it, since it is of the same message.
 * @returns the last view: a result, unless something else took its place
 */
export async function glance(
  commands: Commands,
  context: Context,
  wanted: Glance,
): Promise<View | undefined> {
  const views =
    'button' in wanted
      ? commands.press(context, wanted.button)
      : commands.run(context, 'refine', {
          action: 'at',
          job: wanted.job,
          strength: wanted.lambda,
          guidance: wanted.guidance,
        });
  let last: View | undefined;
  for await (const view of views) last = view;
  return last;
}
