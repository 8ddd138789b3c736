import type { Wish } from './placements.ts';

/** What Discord's commands say about themselves where the commands of the chat do not: 100 characters. */
interface Descriptions {
  /** Of a command with subcommands. */
  readonly library: string;
  readonly wishes: Readonly<Record<Wish, string>>;
}

const english: Descriptions = {
  library: 'The saved analogies of this place',
  wishes: {
    pairs: "Add more pairs of A and A' in a dialog: their changes are averaged",
    private: 'Whether you alone see the answer',
    spoiler: 'Whether the result is hidden until it is clicked',
  },
};

const german: Descriptions = {
  library: 'Die gespeicherten Analogien hier',
  wishes: {
    pairs: "Weitere Paare A und A' in einem Dialog angeben: Ihre Änderungen werden gemittelt",
    private: 'Ob nur du die Antwort siehst',
    spoiler: 'Ob das Ergebnis verdeckt ist, bis man es anklickt',
  },
};

const japanese: Descriptions = {
  library: 'ここに保存されている類推',
  wishes: {
    pairs: "A と A' の組をダイアログで追加します。変化は平均されます",
    private: '返信を自分だけに表示するか',
    spoiler: '結果をクリックするまで隠すか',
  },
};

export const descriptions = { en: english, de: german, ja: japanese } as const;

/** Discord's locales that commands are described in; what is sent without a locale is English. */
export const locales = ['de', 'ja'] as const;
