/** How members fill in what a dialog asks. */
import type { JsonObject, Upload } from '../../test/bots/discord/twin/shapes.ts';

export interface Filled {
  readonly fields: Record<string, string | readonly string[]>;
  readonly files: Record<string, Upload[]>;
  /** The name that was given, where one was asked. */
  readonly name?: string;
}

export interface Hand {
  newName(): string;
  /** Of an analogy that is saved, where there is one. */
  knownName(): string | undefined;
  newPicture(): Promise<Upload>;
  /** One of some; undefined of none. */
  oneOf<Item>(items: readonly Item[]): Item | undefined;
}

/** What is required, and of what is not, an analogy's name or else its pictures. */
export async function fillIn(modal: JsonObject, hand: Hand): Promise<Filled> {
  const fields: Filled['fields'] = {};
  const files: Filled['files'] = {};
  let name: string | undefined;
  const labels = (modal.components ?? []) as { component?: JsonObject }[];
  for (const { component } of labels) {
    if (!component) continue;
    const id = String(component.custom_id);
    const isWanted = component.required !== false;
    if (component.type === 19) {
      const most = Number(component.max_values ?? 1);
      const isFirst = Object.keys(files).length === 0;
      const isPair = id === 'a' || id === 'a2' || (id.startsWith('pair') && isFirst);
      const isNeeded = isWanted || (isPair && fields.analogy === undefined);
      if (!isNeeded) continue;
      files[id] = [];
      for (let n = 0; n < most; n++) files[id].push(await hand.newPicture());
    } else if (component.type === 3) {
      const options = (component.options ?? []) as { value: string }[];
      const chosen = hand.oneOf(options);
      if (chosen && (isWanted || id === 'analogy')) fields[id] = [chosen.value];
    } else if (component.type === 4) {
      if (id === 'name') fields[id] = name = hand.newName();
      else if (id === 'analogy') fields[id] = hand.knownName() ?? (isWanted ? 'none yet' : '');
      else if (isWanted) fields[id] = '1';
      if (fields[id] === '') delete fields[id];
    }
  }
  return { fields, files, ...(name !== undefined && { name }) };
}
