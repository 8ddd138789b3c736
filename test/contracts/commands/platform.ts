import type {
  LazyFile,
  ListView,
  ProblemView,
  ResultView,
  View,
} from '../../../src/commands/port.ts';
import type { JobRequest } from '../../../src/engine/protocol.ts';
import type { fakeEngine as FakeEngine } from '../../commands/fake-engine.ts';

/** Who acts on the platform; it may leave out what it has no word for. */
export interface Who {
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly moderator?: boolean;
  readonly admin?: boolean;
}

/** A platform as the suite drives it: views are those that its users get to see, in order. */
export interface Platform {
  readonly names: readonly string[];
  run(name: string, input?: Record<string, unknown>, who?: Who): Promise<View[]>;
  press(id: string, values?: Record<string, unknown>, who?: Who): Promise<View[]>;
  complete(text: string, who?: Who): Promise<readonly string[]>;
  file(id: string): Promise<Uint8Array>;
  /** What the platform calls a user by in its settings. @default the name itself */
  idOf?(user: string): string;
  /** What its users type for a command. @default its name */
  calledOn?(command: string): string;
  /** The same of a role: the suite has two, `7` and `8`. */
  roleOf?(role: '7' | '8'): string;
  close(): Promise<void>;
}

/** What the cases of a contract stand on; each case has an engine and a platform of its own. */
export interface Stage {
  readonly engine: ReturnType<typeof FakeEngine>;
  readonly platform: Platform;
  readonly picture: (text: string) => LazyFile;
  /** The pictures of an analogy. */
  three(): { before: LazyFile; after: LazyFile; picture: LazyFile };
  /** An analogy, made. */
  make(): Promise<ResultView>;
  /** What the engine was asked last. */
  asked(): JobRequest;
}

export function resultIn(views: readonly View[]): ResultView {
  const last = views.at(-1);
  if (last?.kind !== 'result') throw new Error(`no result: ${JSON.stringify(last)}`);
  return last;
}

export function problemIn(views: readonly View[]): ProblemView {
  const last = views.at(-1);
  if (last?.kind !== 'problem') throw new Error(`no problem: ${JSON.stringify(last)}`);
  return last;
}

export function listIn(views: readonly View[]): ListView {
  const last = views.at(-1);
  if (last?.kind !== 'list') throw new Error(`no list: ${JSON.stringify(last)}`);
  return last;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Waits for something that comes by itself. */
export async function until<Value>(look: () => Promise<Value | false | undefined>): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
