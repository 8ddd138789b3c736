import { withIds } from './messages.ts';
import type { View } from './shapes.ts';

/** What members have open: a stack of modals each, and an App Home. */
export function createViews() {
  const known = new Map<string, View>();
  const stacks = new Map<string, string[]>();
  const homes = new Map<string, string>();

  function put(view: View): View {
    const whole: View = { ...view, blocks: withIds(view.blocks) ?? [] };
    known.set(view.id, whole);
    return whole;
  }
  const stack = (userId: string) => stacks.get(userId) ?? [];

  return {
    find: (id: string) => known.get(id),
    byExternalId: (id: string) => [...known.values()].findLast((one) => one.external_id === id),
    put,
    /** A member has one modal open at a time, with what was pushed onto it. */
    open(userId: string, view: View): View {
      stacks.set(userId, [view.id]);
      return put(view);
    },
    push(userId: string, view: View): View {
      stacks.set(userId, [...stack(userId), view.id]);
      return put(view);
    },
    home(userId: string, view: View): View {
      homes.set(userId, view.id);
      return put(view);
    },
    /** Closes the topmost: what is below is seen again. */
    pop: (userId: string) => void stacks.set(userId, stack(userId).slice(0, -1)),
    clear: (userId: string) => void stacks.delete(userId),
    isOpen: (id: string) =>
      [...stacks.values(), [...homes.values()]].some((all) => all.includes(id)),
    openOf: (userId: string) => stack(userId).flatMap((id) => known.get(id) ?? []),
    homeOf: (userId: string) => known.get(homes.get(userId) ?? ''),
  };
}

export type Views = ReturnType<typeof createViews>;
