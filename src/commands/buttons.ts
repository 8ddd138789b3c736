import type { Dials } from '../engine/protocol.ts';
import { field, fieldsOf, optional } from './fields.ts';
import type { Button, ButtonStyle, Cell, Field, ResultView } from './port.ts';
import { formatPress } from './press.ts';
import { type Place, planOf, type Refinement, refinements } from './refinements.ts';
import type { Texts } from './texts/index.ts';

/** Buttons of one row, and picks of one grid: more would not be seen. */
const rowLength = 5;
const mostPicks = 10;

/** What buttons with a dialog ask; the same is checked when they are pressed. */
export const dialogs = {
  combine: (texts: Texts) => ({
    analogy: field.analogy(texts.fields.other),
    weight: optional(field.number(texts.fields.weight, -10, 10)),
    own: optional(field.number(texts.fields.own, -10, 10)),
  }),
  apply: (texts: Texts) => ({ picture: field.picture(texts.fields.picture) }),
  name: (texts: Texts) => ({
    name: field.name(texts.fields.name),
    description: optional(field.line(texts.fields.description)),
  }),
};

/** By the action of a button; `use` is `apply` for an analogy of the library. */
export function fieldsAsked(action: string, texts: Texts): readonly Field[] {
  const name = action === 'use' ? 'apply' : action;
  return Object.hasOwn(dialogs, name) ? fieldsOf(dialogs[name as keyof typeof dialogs](texts)) : [];
}

export interface ButtonsOptions {
  readonly job: string;
  readonly cells: readonly Cell[];
  /** The one cell that is shown. */
  readonly place: Place | undefined;
  readonly parent: string | undefined;
  /** Whether the cell is of a grid that can be gone back to. */
  readonly hasGrid: boolean;
  /** The refinements that would show something else. */
  readonly refinable: ReadonlySet<Refinement>;
  readonly pictureKind: ResultView['pictureKind'];
}

/** All that can be done with a result, in rows. */
export function resultButtons(texts: Texts, options: ButtonsOptions): Button[][] {
  const { job, cells, place, parent, hasGrid, pictureKind } = options;
  const numbers = place ? [place.lambda, place.guidance] : [];
  const label = texts.buttons;
  const button = (
    action: Exclude<keyof typeof label, 'pick'>,
    more: { style?: ButtonStyle; ref?: string; at?: readonly number[] } = {},
  ): Button => {
    const { style = 'plain', ref = job, at = numbers } = more;
    const asks = fieldsAsked(action, texts);
    return {
      id: formatPress({ action, ref, numbers: at }),
      label: label[action],
      style,
      ...(asks.length > 0 && { asks }),
    };
  };
  const dial = (...wanted: readonly Exclude<Refinement, 'at'>[]) =>
    wanted.filter((each) => options.refinable.has(each)).map((each) => button(each));
  const severalGuidances = new Set(cells.map(({ guidance }) => guidance)).size > 1;
  const picks =
    place || pictureKind === 'animation' || cells.length > mostPicks
      ? []
      : cells.map(({ pick, lambda, label: full }): Button => {
          const short = texts.buttons.pick(String(lambda).replace('-', '−'));
          return { id: pick, label: severalGuidances ? full : short, style: 'primary' };
        });
  return [
    ...rowsOf(picks),
    dial('weaker', 'stronger', 'finer', 'less', 'more'),
    [
      ...dial('table', 'reverse'),
      button('combine'),
      ...(pictureKind === 'animation' ? [] : dial('animate')),
      button('apply', { at: [] }),
    ],
    [
      button('name', { at: [] }),
      button('original'),
      ...(hasGrid ? [button('back', { at: [] })] : []),
      ...(parent === undefined ? [] : [button('undo', { at: [] })]),
    ],
  ].filter((row) => row.length > 0);
}

/** The refinements that lead to other dials than those that are shown, and have room. */
export function refinable(from: Dials, place: Place | undefined, most: number): Set<Refinement> {
  const shown = place ? { lambda: [place.lambda], guidance: [place.guidance] } : from;
  const focus = place ?? { lambda: from.lambda[0] ?? 0, guidance: from.guidance[0] ?? 0 };
  const leads = (refinement: Refinement) => {
    const { dials, output } = planOf(refinement, { from, place, focus, animation: 'webp', most });
    if (dials.lambda.length * dials.guidance.length > most) return false;
    return output === 'webp' || JSON.stringify(dials) !== JSON.stringify(shown);
  };
  return new Set(refinements.filter(leads));
}

export function rowsOf(buttons: readonly Button[]): Button[][] {
  const rows: Button[][] = [];
  for (let i = 0; i < buttons.length; i += rowLength) rows.push(buttons.slice(i, i + rowLength));
  return rows;
}
