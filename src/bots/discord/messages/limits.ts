import { type APIMessageTopLevelComponent, ComponentType } from 'discord.js';

/** What Discord takes of one message. */
export const limits = {
  /** Components, with those within others. */
  components: 40,
  /** Characters of all its text. */
  text: 4000,
  files: 10,
  pictures: 10,
  alt: 1024,
  rowLength: 5,
  options: 25,
  label: 80,
  option: 100,
  placeholder: 150,
  id: 100,
} as const;

type Component = APIMessageTopLevelComponent;

export function componentsIn(components: readonly Component[]): number {
  let count = 0;
  for (const component of components) {
    count += 1;
    if (component.type === ComponentType.Container) count += componentsIn(component.components);
    if (component.type === ComponentType.ActionRow) count += component.components.length;
  }
  return count;
}
