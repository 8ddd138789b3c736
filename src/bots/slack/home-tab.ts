import type { Context, ListView, View } from '../../commands/port.ts';
import { type Asked, contextOf } from './context.ts';
import type { Desk } from './desk.ts';
import { homeOf } from './home.ts';

/** Draws somebody's Home tab anew. */
export async function showHome(desk: Desk, asked: Asked): Promise<void> {
  const context = contextOf(asked, { signal: desk.signal });
  const [library, status] = await Promise.all([
    listOf(desk, context, 'library'),
    listOf(desk, context, 'status'),
  ]);
  const { admin: isAdmin, locale } = asked.member;
  await asked.wire.publish(asked.user, homeOf({ library, status, isAdmin, locale }));
}

/** A list; what hinders it is said in its place. */
async function listOf({ commands }: Desk, context: Context, name: string): Promise<ListView> {
  let last: View | undefined;
  for await (const view of commands.run(context, name, {})) last = view;
  if (last?.kind === 'list') return last;
  const empty = last?.kind === 'problem' ? `${last.sentence} ${last.next}` : '';
  return { kind: 'list', title: name, empty, items: [], buttons: [], private: true };
}
