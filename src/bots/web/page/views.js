/**
 * @file Views that are shown once: texts with files, lists, questions, problems. Each button of theirs
 * leads to the next view, in the same panel.
 *
 * @typedef {import('./api.js').View} View
 * @typedef {import('./api.js').Button} Button
 */
import { api } from './api.js';
import { askFor } from './dialogs.js';
import { h, icon } from './dom.js';

/**
 * @param {Button} button
 * @param {(button: Button) => unknown} press
 */
export function buttonOf(button, press) {
  const style = { primary: 'primary', danger: 'danger', plain: 'chip-button' }[button.style];
  const element = h(
    'button',
    {
      type: 'button',
      class: style,
      onclick: async () => {
        element.disabled = true;
        await press(button);
        element.disabled = false;
      },
    },
    button.label,
  );
  return element;
}

/**
 * Presses a button, after what it asks.
 * @param {Button} button
 * @param {{message?: string, title?: string, look?: Record<string, string>}} place
 * @returns {Promise<import('./api.js').Outcome | undefined>} undefined where it was given up
 */
export async function pressed(button, place) {
  const answers = button.asks?.length ? await askFor(button) : { values: {}, files: {} };
  return answers && api.press(button.id, answers.values, place, answers.files);
}

/**
 * @param {View} view
 * @param {(button: Button) => unknown} press
 * @returns {HTMLElement}
 */
export function viewOf(view, press) {
  const rows = view.buttons
    .filter((row) => row.length > 0)
    .map((row) => h('div', { class: 'actions' }, ...row.map((button) => buttonOf(button, press))));
  switch (view.kind) {
    case 'text':
      return h(
        'div',
        { class: 'view' },
        ...view.files.map((file) => {
          const url = file.url ?? api.file(file.file ?? '');
          const isPicture = file.type.startsWith('image/');
          return h(
            'figure',
            { class: 'attachment' },
            isPicture && h('img', { class: 'attachment-picture', src: url, alt: file.alt ?? '' }),
            h(
              'figcaption',
              {},
              h(
                'a',
                {
                  class: 'button quiet',
                  href: file.url ?? api.file(file.file ?? '', file.name),
                  download: file.name,
                },
                icon('download'),
                file.name,
              ),
            ),
          );
        }),
        view.title && h('h3', {}, view.title),
        ...view.lines.map((line) => h('p', {}, line)),
        ...rows,
      );
    case 'list':
      return h(
        'div',
        { class: 'view' },
        h('p', { class: 'hint' }, view.title),
        view.items.length === 0 && h('p', { class: 'empty' }, view.empty),
        h(
          'ul',
          { class: 'items' },
          ...view.items.map((item) =>
            h(
              'li',
              {},
              h(
                'div',
                { class: 'item-text' },
                h('strong', {}, item.title),
                h('p', { class: 'hint' }, item.text),
              ),
              h(
                'div',
                { class: 'actions' },
                ...item.buttons.map((button) => buttonOf(button, press)),
              ),
            ),
          ),
        ),
        ...rows,
      );
    case 'problem':
      return h('div', { class: 'view' }, problemOf(view), ...rows);
    case 'result':
      return h('div', { class: 'view' }, h('p', {}, view.text));
    default:
      return h('div', { class: 'view' }, h('p', {}, view.text), ...rows);
  }
}

/** @param {import('./api.js').ProblemView} problem */
export function problemOf({ sentence, next, code }) {
  return h(
    'p',
    { class: 'notice error', role: 'alert', data: { code } },
    h('strong', {}, sentence),
    ' ',
    next,
  );
}
