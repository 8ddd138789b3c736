/**
 * @file What hides the pictures of a result until somebody asks to see them. Nothing remembers it: the
 * next result is hidden again.
 */
import { h, icon } from './dom.js';

/**
 * @param {HTMLElement} result whose pictures are hidden
 * @returns {HTMLElement} what lies over the picture and takes itself away
 */
export function veil(result) {
  result.classList.add('veiled');
  const cover = h(
    'button',
    {
      type: 'button',
      class: 'veil',
      onclick: () => {
        result.classList.remove('veiled');
        cover.remove();
        // Whoever pressed it by key goes on from the picture.
        /** @type {HTMLElement | null} */ (result.querySelector('.hero'))?.focus();
      },
    },
    icon('picture'),
    'Show the hidden pictures',
  );
  return cover;
}
