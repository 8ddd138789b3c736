import type { PictureNote, PictureOrigin } from './picture.ts';

const sentences: Record<PictureNote, string> = {
  animated: 'is animated: its first frame is used.',
  cmyk: 'is made for print (CMYK): its colours are converted and may look different.',
  deep: 'has 16 bits a channel: 8 of them are used.',
};

/**
 * What the owner of a picture may want to know of how it was read, a sentence each.
 * @param subject what the picture is called. @default 'It'
 */
export function remarks({ notes }: Pick<PictureOrigin, 'notes'>, subject = 'It'): string[] {
  return notes.map((note) => `${subject} ${sentences[note]}`);
}
