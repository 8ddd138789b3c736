import { english, type Words } from './english.ts';
import { german } from './german.ts';
import { japanese } from './japanese.ts';

export { english, type Words };

/** Languages by the first part of a locale; all others are English. */
export const languages: Readonly<Record<string, Words>> = {
  en: english,
  de: german,
  ja: japanese,
};

/** @param locale a BCP 47 tag, as Discord gives it: `en-GB`, `de`, `ja` */
export function wordsFor(locale: string): Words {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return (Object.hasOwn(languages, language) && languages[language]) || english;
}
