/**
 * @file How far a job is: a bar, words, the time that is left, a preview, and its buttons.
 *
 * @typedef {import('./api.js').ProgressView} ProgressView
 */
import { api } from './api.js';
import { fill, h } from './dom.js';
import { buttonOf } from './views.js';

/** @param {(button: import('./api.js').Button) => unknown} press */
export function progressView(press) {
  const words = h('p', { class: 'progress-text' });
  const left = h('span', { class: 'hint' });
  const role = h('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
  const bar = h('progress', { max: 1, 'aria-label': 'Progress' });
  const preview = h('img', { class: 'preview', alt: 'How far it is', hidden: true });
  const actions = h('div', { class: 'actions' });
  /** For screen readers: not every step, but what is done and every quarter. */
  const spoken = h('p', { class: 'unseen', role: 'status' });
  const element = h(
    'section',
    { class: 'making', hidden: true, 'aria-label': 'Being made' },
    h(
      'div',
      { class: 'preview-frame' },
      preview,
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      role,
    ),
    h(
      'div',
      { class: 'making-words' },
      h('div', { class: 'making-line' }, words, left),
      bar,
      actions,
      spoken,
    ),
  );
  let said = '';
  let buttons = '';
  return {
    element,
    /** @param {ProgressView | undefined} view @param {boolean} isRefined whether a result is there already */
    update(view, isRefined) {
      element.hidden = !view;
      element.classList.toggle('slim', isRefined);
      if (!view) {
        said = '';
        return;
      }
      words.textContent = view.text;
      left.textContent = view.eta?.text ?? '';
      // Nothing is measured yet.
      if (view.fraction === 0) bar.removeAttribute('value');
      else bar.value = view.fraction;
      if (view.preview) {
        const url = api.file(view.preview);
        if (preview.getAttribute('src') !== url) {
          preview.src = url;
          // A preview outlives the step that it came with: what it shows is told by that one.
          role.textContent = roleOf(view.text);
        }
      }
      role.hidden = !view.preview || !role.textContent;
      preview.hidden = !view.preview;
      const ids = JSON.stringify(view.buttons);
      if (ids !== buttons) {
        buttons = ids;
        fill(actions, ...view.buttons.flat().map((button) => buttonOf(button, press)));
      }
      const what = view.text.replace(/[,;]? step.*$/, '');
      const quarter = Math.floor(view.fraction * 4) * 25;
      const now = view.position === undefined ? `${what}, ${quarter} percent` : view.text;
      if (now !== said) {
        said = now;
        spoken.textContent = now;
      }
    },
  };
}

/**
 * Which picture is looked into.
 * @param {string} text the sentence of a progress, e.g. “Looking into A' (finding words for it), step 2 of 9.”
 * @returns {string} empty where it names none
 */
function roleOf(text) {
  return /^Looking into (A'|A|B)(?=[ ,.])/.exec(text)?.[1]?.replace("'", '′') ?? '';
}
