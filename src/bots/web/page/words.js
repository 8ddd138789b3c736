/**
 * @file Plainer words for what the commands say of places with many members: whoever looks at this page
 * is alone in theirs. Each phrase is looked for where the commands put it, so that no name that a
 * visitor gave is changed; a phrase that is not known is shown as it came.
 *
 * @typedef {import('./api.js').View} View
 */

/** @type {[RegExp, string][]} */
const phrases = [
  [/^Analogies of this place$/, 'Your saved analogies'],
  [/^Settings of this place$/, 'Your settings'],
  [/^saved by visitor, made on (\d[\d-]+)$/, 'made on $1'],
  [/\(saved by visitor, made on (\d[\d-]+)\)$/, '(made on $1)'],
  [/ Anybody here can apply it by that name\.$/, ' It is in your library.'],
  [/ Nobody here can apply it by name afterwards\.$/, ' It cannot be applied by name afterwards.'],
  [/^List the analogies of this place, or find some$/, 'List your saved analogies, or find some'],
  [/^Show or change the settings of this place$/, 'Show or change your settings'],
];

/** @param {string} text */
export function plain(text) {
  return phrases.reduce((said, [phrase, words]) => said.replace(phrase, words), text);
}

/**
 * @template {View} Some
 * @param {Some} view
 * @returns {Some}
 */
export function plainly(view) {
  switch (view.kind) {
    case 'list': {
      const items = view.items.map((item) => ({ ...item, text: plain(item.text) }));
      return { ...view, title: plain(view.title), items };
    }
    case 'text': {
      const lines = view.lines.map(plain);
      return { ...view, lines, ...(view.title && { title: plain(view.title) }) };
    }
    case 'confirm':
      return { ...view, text: plain(view.text) };
    default:
      return view;
  }
}
