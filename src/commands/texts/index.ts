import { english, type Texts } from './english.ts';
import { german } from './german.ts';
import { japanese } from './japanese.ts';

export type { ErrorText, MemberCode } from './codes.ts';
export type { Texts } from './english.ts';

/** By the first part of a BCP 47 tag. */
export const languages: Readonly<Record<string, Texts>> = {
  en: english,
  de: german,
  ja: japanese,
};

/** The words in a member's language, English where there are none. @param locale a BCP 47 tag */
export function textsFor(locale: string): Texts {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(languages, language) ? (languages[language] as Texts) : english;
}
