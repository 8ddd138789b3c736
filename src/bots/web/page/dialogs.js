/**
 * @file Dialogs: the browser's own `<dialog>`, which keeps the focus and closes with Escape.
 *
 * @typedef {import('./api.js').Button} Button
 */
import { h, icon } from './dom.js';
import { inputsOf } from './forms.js';

let count = 0;

/**
 * Opens a dialog with a heading and a way out.
 * @param {string} title
 * @param {string} [kind] a class of its own
 */
export function openDialog(title, kind = '') {
  const id = `dialog-${++count}`;
  const content = h('div', { class: 'dialog-body' });
  const dialog = h(
    'dialog',
    { class: `dialog ${kind}`, 'aria-labelledby': id },
    h(
      'header',
      { class: 'dialog-head' },
      h('h2', { id }, title),
      h(
        'button',
        {
          type: 'button',
          class: 'round',
          'aria-label': 'Close',
          title: 'Close',
          onclick: () => dialog.close(),
        },
        icon('cross'),
      ),
    ),
    content,
  );
  // A press beside it closes it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, content };
}

/**
 * Asks what a button asks before it is pressed.
 * @param {Button | {label: string, asks: import('./api.js').Field[], style?: string}} button
 * @returns {Promise<import('./forms.js').Answers | undefined>} undefined where it was given up
 */
export function askFor({ label, asks = [], style }) {
  const { dialog, content } = openDialog(label.replace(/\s*…$/, ''), 'narrow');
  const inputs = inputsOf(asks);
  return new Promise((resolve) => {
    const form = h(
      'form',
      {
        class: 'form',
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          resolve(inputs.read());
          dialog.close();
        },
      },
      ...inputs.elements,
      h(
        'div',
        { class: 'dialog-actions' },
        h('span', { class: 'grow' }),
        h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Cancel'),
        h(
          'button',
          { type: 'submit', class: style === 'danger' ? 'danger' : 'primary' },
          label.replace(/\s*…$/, ''),
        ),
      ),
    );
    content.append(form);
    form.querySelector('input, select, textarea')?.setAttribute('autofocus', '');
    /** @type {HTMLElement | null} */ (form.querySelector('input, select, textarea'))?.focus();
    dialog.addEventListener('close', () => resolve(undefined), { once: true });
  });
}
