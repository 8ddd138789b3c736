import type { PictureNote, PictureOrigin } from './picture.ts';

const sentences: Record<PictureNote, string> = {
  animated: 'It is animated: its first frame is used.',
  cmyk: 'It is made for print (CMYK): its colours are converted and may look different.',
  deep: 'It has 16 bits a channel: 8 of them are used.',
};

/** What the owner of a picture may want to know of how it was read, a sentence each. */
export function remarks({ notes }: Pick<PictureOrigin, 'notes'>): string[] {
  return notes.map((note) => sentences[note]);
}
