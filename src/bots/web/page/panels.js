/**
 * @file Library, queue, help, all commands, and forgetting: dialogs whose content is what the commands
 * answer.
 *
 * @typedef {import('./api.js').Outcome} Outcome
 * @typedef {import('./api.js').View} View
 */
import { api } from './api.js';
import { openDialog } from './dialogs.js';
import { fill, h } from './dom.js';
import { inputsOf } from './forms.js';
import { pressed, viewOf } from './views.js';
import { plain, plainly } from './words.js';

/**
 * @param {object} options
 * @param {import('./api.js').Hello} options.hello
 * @param {(error: unknown) => void} options.failed
 * @param {(message: import('./api.js').Message) => void} options.answered an answer came into the conversation
 * @param {() => void} options.forgotten
 */
export function panels({ hello, failed, answered, forgotten }) {
  /**
   * A panel that shows what a command answers.
   * @param {string} title
   * @param {HTMLElement[]} [above] what stays above it
   */
  const panel = (title, above = []) => {
    const { dialog, content } = openDialog(title, 'panel');
    const box = h('div', { class: 'panel-view', 'aria-live': 'polite' });
    content.append(...above, box);
    /** The view that is shown, as text. */
    let shown = '';
    /** The list that is shown, where it is one. @type {import('./api.js').ListView | undefined} */
    let list;
    /** The command whose answer is shown. */
    let asked = '';
    /** What shows the panel as it was, after one of its buttons did something. */
    let again = async () => {};
    /**
     * @param {Outcome | undefined} outcome
     * @param {boolean} [isAction]
     * @param {import('./api.js').ListView} [before] a list that goes on in this one
     */
    const show = (outcome, isAction = false, before = undefined) => {
      if (!outcome) return;
      if ('message' in outcome) {
        dialog.close();
        answered(outcome.message);
        return;
      }
      const view = joined(before, plainly(outcome.view));
      list = view.kind === 'list' ? view : undefined;
      // What is as it was is not read out again, and keeps its focus.
      const said = JSON.stringify(view);
      if (said === shown) return;
      shown = said;
      const element = viewOf(view, press);
      if (isAction && view.kind !== 'list' && !view.buttons.some((row) => row.length)) {
        element.append(
          h(
            'div',
            { class: 'actions' },
            h('button', { type: 'button', class: 'quiet', onclick: () => again() }, 'Back'),
          ),
        );
      }
      fill(box, element);
      if (!before || !list) return;
      // The button that was pressed is gone or far below: the first of the new ones comes next.
      const first = box.querySelectorAll('.items > li')[before.items.length];
      /** @type {HTMLElement | null | undefined} */ (first?.querySelector('button'))?.focus();
    };
    /** @param {import('./api.js').Button} button */
    const press = async (button) => {
      try {
        const isMore = list?.buttons.flat().some(({ id }) => id === button.id);
        const before = isMore ? list : undefined;
        const outcome = await pressed(button, { title: button.label });
        show(outcome, true, before);
        const isDone = outcome && 'view' in outcome && outcome.view.kind === 'text';
        if (asked === 'forget' && button.style === 'danger' && isDone) forgotten();
      } catch (error) {
        failed(error);
      }
    };
    /** @param {string} command @param {object} [input] @param {Record<string, Blob>} [files] */
    const run = async (command, input = {}, files = {}) => {
      asked = command;
      try {
        show(
          await api.run(
            command,
            input,
            { title: commandOf(command)?.description ?? command },
            files,
          ),
          true,
        );
      } catch (error) {
        failed(error);
      }
    };
    return {
      dialog,
      box,
      run,
      again: (/** @type {() => Promise<void>} */ next) => {
        again = next;
        return next();
      },
    };
  };
  const commandOf = (/** @type {string} */ name) =>
    hello.commands.find((command) => command.name === name);

  /** @param {string} name @param {ReturnType<typeof panel>} within */
  const form = (name, within) => {
    const command = commandOf(name);
    if (!command) return;
    const inputs = inputsOf(command.fields);
    fill(
      within.box,
      h(
        'form',
        {
          class: 'form',
          onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            const { values, files } = inputs.read();
            void within.run(name, values, files);
          },
        },
        h('p', { class: 'hint' }, plain(command.description)),
        ...inputs.elements,
        h(
          'div',
          { class: 'dialog-actions' },
          h('span', { class: 'grow' }),
          h('button', { type: 'submit', class: 'primary' }, 'Go'),
        ),
      ),
    );
    /** @type {HTMLElement | null} */ (
      within.box.querySelector('input, select, textarea')
    )?.focus();
  };

  return {
    library() {
      const [field] = commandOf('library')?.fields.filter(({ kind }) => kind === 'text') ?? [];
      const search = h('input', {
        type: 'search',
        placeholder: 'Find',
        'aria-label': 'Find an analogy',
        autocomplete: 'off',
      });
      const tools = ['rename', 'describe', 'import'].filter(commandOf);
      const bar = h(
        'div',
        { class: 'panel-bar' },
        search,
        ...tools.map((name) =>
          h(
            'button',
            { type: 'button', class: 'quiet small', onclick: () => form(name, own) },
            `${name[0]?.toUpperCase()}${name.slice(1)}`,
          ),
        ),
      );
      const own = panel('Library', [bar]);
      const list = () =>
        own.run(
          'library',
          field && search.value.trim() ? { [field.name]: search.value.trim() } : {},
        );
      let timer = 0;
      search.addEventListener('input', () => {
        clearTimeout(timer);
        timer = window.setTimeout(list, 200);
      });
      void own.again(list);
    },
    queue() {
      const own = panel('Queue');
      void own.again(() => own.run('status'));
      // It moves: it is asked for again as long as it is open.
      const timer = setInterval(() => {
        // Nothing moves under the keys of whoever is in it.
        const view = own.dialog.querySelector('.panel-view');
        if (!view?.contains(document.activeElement)) void own.run('status');
      }, 3000);
      own.dialog.addEventListener('close', () => clearInterval(timer), { once: true });
    },
    help() {
      const own = panel('Help');
      void own.again(() => own.run('help'));
    },
    all() {
      const own = panel('All commands');
      const list = async () =>
        fill(
          own.box,
          h(
            'ul',
            { class: 'items' },
            ...hello.commands.map(({ name, description }) =>
              h(
                'li',
                {},
                h(
                  'div',
                  { class: 'item-text' },
                  h('strong', {}, name),
                  h('p', { class: 'hint' }, plain(description)),
                ),
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'chip-button',
                    onclick: () => form(name, own),
                    'aria-label': `Use ${name}`,
                  },
                  'Use',
                ),
              ),
            ),
          ),
        );
      void own.again(list);
    },
    forget() {
      const own = panel('Forget me');
      void own.again(() => own.run('forget'));
    },
  };
}

/**
 * The next part of a list, below what there is already.
 * @param {import('./api.js').ListView | undefined} before
 * @param {View} view
 * @returns {View}
 */
function joined(before, view) {
  if (!before || view.kind !== 'list') return view;
  return { ...view, items: [...before.items, ...view.items] };
}
