/** How members fill in a dialog. */
import { fieldsOf, optionsOf } from '../../test/bots/slack/twin/fields.ts';
import type { JsonObject, Upload, Value, View } from '../../test/bots/slack/twin/shapes.ts';

export interface Filled {
  readonly values: Record<string, Value>;
  readonly files: Record<string, Upload[]>;
  /** The name that was given, where one was asked. */
  readonly name?: string;
}

export interface Hand {
  newName(): string;
  newPicture(): Promise<Upload>;
  /** One of some; undefined of none. */
  oneOf<Item>(items: readonly Item[]): Item | undefined;
  /** Whether something happens that happens so often, 0 to 1. */
  chance(share: number): boolean;
}

interface Input {
  readonly name: string;
  readonly element: JsonObject;
  readonly isWanted: boolean;
}

function inputsOf(view: Pick<View, 'blocks'>): Input[] {
  return fieldsOf(view.blocks)
    .filter(({ block }) => block.type === 'input')
    .map(({ block, element, required }) => {
      return { name: String(block.block_id), element, isWanted: required };
    });
}

/** The list of a dialog that asks the bot what it offers, and whether something has to be chosen. */
export function askedList(view: Pick<View, 'blocks'>): Input | undefined {
  return inputsOf(view).find(({ element }) => element.type === 'external_select');
}

/**
 * What is required; of what is not, a saved analogy or else a pair of pictures for each that is asked.
 * @param view as it is now
 * @param chosen of the list that was opened
 * @param places channels to be answered in, where the dialog asks
 */
export async function fillIn(
  view: Pick<View, 'blocks'>,
  hand: Hand,
  chosen: string | undefined,
  places: readonly string[],
): Promise<Filled> {
  const values: Filled['values'] = {};
  const files: Filled['files'] = {};
  let given: string | undefined;
  for (const { name, element, isWanted } of inputsOf(view)) {
    const { type } = element;
    if (type === 'file_input') {
      const isPair = /^(before|after)\d?$/.test(name) && chosen === undefined;
      if (isWanted || isPair) files[name] = [await hand.newPicture()];
    } else if (type === 'external_select') {
      if (chosen !== undefined) values[name] = chosen;
    } else if (type === 'conversations_select') {
      const place = hand.oneOf(places);
      if (place !== undefined) values[name] = place;
    } else if (type === 'static_select') {
      if (name === 'where' && hand.chance(0.15)) values[name] = 'me';
      else if (isWanted && !element.initial_option) {
        values[name] = String(hand.oneOf(optionsOf(element))?.value ?? '');
      }
    } else if (name === 'name') {
      given = hand.newName();
      values[name] = given;
    } else if (isWanted) values[name] = '1';
  }
  return { values, files, ...(given !== undefined && { name: given }) };
}
