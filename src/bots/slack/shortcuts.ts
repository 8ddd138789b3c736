import { parsePress } from '../../commands/index.ts';
import type { Place } from './answer.ts';
import type { Asked } from './context.ts';
import type { Desk } from './desk.ts';
import { metadataOf } from './metadata.ts';
import { analogyModal, applyModal, mostUses, usePicturesModal } from './modals/index.ts';
import { whisper } from './whisper.ts';
import { wordsFor } from './words/index.ts';

/** What of a message the menu on it gives. */
export interface Target {
  readonly ts: string;
  readonly thread_ts?: string | undefined;
  readonly blocks?: readonly unknown[] | undefined;
  readonly files?: readonly TargetFile[] | undefined;
}

interface TargetFile {
  readonly id: string;
  readonly name?: string | null;
  readonly mimetype?: string;
  readonly mode?: string;
}

/** New analogy, from anywhere: where it is answered is asked, too. */
export async function newAnalogy({ wire, member }: Asked, trigger: string): Promise<void> {
  const { locale } = member;
  const dialog = { callbackId: 'new', privateMetadata: metadataOf({}), locale };
  await wire.open(trigger, analogyModal({ ...dialog, place: 'ask' }));
}

/** Apply this analogy, on a result that was posted. */
export async function applyThis(
  desk: Desk,
  asked: Asked,
  target: Target,
  trigger: string,
  place: Place,
): Promise<void> {
  const { locale } = asked.member;
  const job = jobIn(target.blocks);
  if (job === undefined) return whisper(desk, asked, wordsFor(locale).noResult, place);
  const { channel } = place;
  const at = { channel, thread: target.thread_ts ?? target.ts, message: target.ts, job };
  const dialog = { callbackId: 'apply', privateMetadata: metadataOf(at), locale };
  await asked.wire.open(trigger, applyModal(dialog));
}

/** Use these pictures, on a message with files. */
export async function useThese(
  desk: Desk,
  asked: Asked,
  target: Target,
  trigger: string,
  place: Place,
): Promise<void> {
  const { locale } = asked.member;
  // What is of another company's workspace is known by its id alone as yet.
  const pictures = (target.files ?? [])
    .filter(
      ({ mimetype, mode }) => mode !== 'tombstone' && (mimetype ?? 'image/').startsWith('image/'),
    )
    .slice(0, mostUses);
  if (pictures.length === 0) return whisper(desk, asked, wordsFor(locale).noFiles, place);
  const files = pictures.map(({ id }) => id);
  const at = { channel: place.channel, thread: target.thread_ts ?? target.ts, files };
  const names = pictures.map(({ name }) => name ?? '');
  const dialog = { callbackId: 'use', privateMetadata: metadataOf(at), locale };
  await asked.wire.open(trigger, usePicturesModal({ ...dialog, names }));
}

/** The job whose result a message shows: its buttons say it. */
export function jobIn(blocks: unknown): string | undefined {
  return valuesIn(blocks)
    .map(parsePress)
    .find((press) => press?.action === 'apply' && press.ref !== undefined)?.ref;
}

function valuesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(valuesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { value: own, elements, options, accessory } = value as Record<string, unknown>;
  const mine = typeof own === 'string' ? [own] : [];
  return [...mine, ...valuesIn(elements), ...valuesIn(options), ...valuesIn(accessory)];
}
