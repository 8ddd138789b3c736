/** @file The password, where there is one. */
import { api } from './api.js';
import { h } from './dom.js';

/** Resolves once the visitor is let in. */
export function signIn() {
  return new Promise((resolve) => {
    const password = h('input', {
      type: 'password',
      required: true,
      autocomplete: 'current-password',
      name: 'password',
    });
    const error = h('p', { class: 'notice error', role: 'alert', hidden: true });
    const form = h(
      'form',
      {
        class: 'form',
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          try {
            await api.signIn(password.value);
            dialog.remove();
            resolve(undefined);
          } catch (cause) {
            error.hidden = false;
            error.textContent = cause instanceof Error ? cause.message : String(cause);
            password.select();
          }
        },
      },
      h('h2', { id: 'sign-in' }, 'Likewise'),
      h('p', { class: 'hint' }, 'This page has a password. Whoever runs it can tell you.'),
      h('label', { class: 'field' }, h('span', {}, 'Password'), password),
      error,
      h(
        'div',
        { class: 'dialog-actions' },
        h('span', { class: 'grow' }),
        h('button', { type: 'submit', class: 'primary' }, 'Sign in'),
      ),
    );
    const dialog = h(
      'dialog',
      {
        class: 'dialog narrow',
        'aria-labelledby': 'sign-in',
        oncancel: (/** @type {Event} */ event) => event.preventDefault(),
      },
      form,
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
