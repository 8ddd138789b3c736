/**
 * @file One answer of the conversation: what is being made for it, its pictures, the sliders, and the
 * buttons that the commands give it.
 *
 * @typedef {import('./api.js').Message} Message
 * @typedef {import('./api.js').ResultView} ResultView
 */
import { api } from './api.js';
import { openDialog } from './dialogs.js';
import { fill, h, icon } from './dom.js';
import { droppable, smallOf } from './pictures.js';
import { progressView } from './progress.js';
import { resultView } from './result.js';
import { pressed, problemOf, viewOf } from './views.js';
import { plainly } from './words.js';

/**
 * @param {object} options
 * @param {Message} options.message
 * @param {import('./api.js').Hello['dials']} options.dials
 * @param {(message: Message) => void} options.answered
 * @param {(error: unknown) => void} options.failed
 * @param {(text: string, isShown?: boolean) => void} options.say told to screen readers, and shown for a moment
 */
export function card({ message: first, dials, answered, failed, say }) {
  let message = first;
  const head = h('header', { class: 'card-head' });
  const trouble = h('div', {});
  const progress = progressView(press);
  const body = h('div', { class: 'card-body' });
  const element = h(
    'article',
    { class: 'card', tabIndex: -1, data: { message: first.id } },
    head,
    progress.element,
    trouble,
    body,
  );
  /** @type {ReturnType<typeof resultView> | undefined} */
  let result;
  /** What is shown, to draw it anew only where it has changed. */
  let shown = '';

  const small = (/** @type {string} */ role, /** @type {string} */ name) => {
    const url = message.look[role];
    const inner = url ? h('img', { src: url, alt: '' }) : h('span', { class: 'no-picture' });
    return h('span', { class: 'small-picture' }, inner, h('span', { class: 'badge' }, name));
  };
  const heading = () => {
    const { look, title, at } = message;
    const time = new Date(at);
    const hasPair = look.a || look.aPrime;
    fill(
      head,
      (hasPair || look.b) &&
        h(
          'span',
          { class: 'small-row', 'aria-hidden': 'true' },
          hasPair && small('a', 'A'),
          hasPair && icon('arrow'),
          hasPair && small('aPrime', 'A′'),
          hasPair && h('span', { class: 'as' }, 'as'),
          small('b', 'B'),
        ),
      h(
        'div',
        { class: 'card-title' },
        h('h3', {}, title || 'An answer'),
        h(
          'time',
          { dateTime: time.toISOString() },
          time.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }),
        ),
      ),
    );
    element.setAttribute('aria-label', title || 'An answer');
  };

  /**
   * What a button, or another wish, comes to.
   * @param {import('./api.js').Outcome | undefined} outcome
   */
  function take(outcome) {
    if (!outcome) return;
    if ('message' in outcome) {
      answered(outcome.message);
      return;
    }
    const view = plainly(outcome.view);
    if (view.kind === 'text' && view.files.length === 0 && view.lines.length > 0)
      say(view.lines.join(' '));
    else if (view.kind === 'problem') fill(trouble, problemOf(view));
    else if (view.kind === 'text' || view.kind === 'list' || view.kind === 'confirm') {
      const { content, dialog } = openDialog(
        view.kind === 'confirm' ? 'Sure?' : 'Likewise',
        'panel',
      );
      content.append(
        viewOf(view, (button) => {
          dialog.close();
          return press(button);
        }),
      );
    }
  }

  /** @param {import('./api.js').Button} button */
  async function press(button) {
    // What asks for a picture makes an answer of its own.
    const isNew = button.asks?.some(({ kind }) => kind === 'picture');
    result?.settle();
    try {
      const { look } = message;
      const place = isNew
        ? {
            title: 'The same change, on another picture',
            look: { ...(look.a && { a: look.a }), ...(look.aPrime && { aPrime: look.aPrime }) },
          }
        : { message: message.id };
      take(await pressed(button, place));
    } catch (error) {
      failed(error);
    }
  }

  /** @param {File} picture */
  async function applyTo(picture) {
    const button = message.view?.buttons
      .flat()
      .find(({ asks }) => asks?.some(({ kind }) => kind === 'picture'));
    const field = button?.asks?.find(({ kind }) => kind === 'picture');
    if (!button || !field) return;
    try {
      const b = await smallOf(picture);
      const { look } = message;
      const place = { title: 'The same change, on another picture', look: { ...look, b } };
      if (!b) Reflect.deleteProperty(place.look, 'b');
      take(await api.press(button.id, {}, place, { [field.name]: picture }));
    } catch (error) {
      failed(error);
    }
  }
  droppable(element, applyTo);

  /** @param {Message} next @param {boolean} [isWhole] */
  const update = (next, isWhole = true) => {
    // The answer to a request may come after what happened to it since.
    if (!isWhole && next.revision <= message.revision) return;
    const before = message;
    message = next;
    heading();
    const { view, progress: making, problem } = next;
    element.setAttribute('aria-busy', String(Boolean(making)));
    progress.update(making, view?.kind === 'result');
    fill(trouble, problem && problemOf(problem));
    const key = JSON.stringify([view, next.cells?.job]);
    if (key !== shown) {
      shown = key;
      result?.leave();
      result = undefined;
      const hadFocus = body.contains(document.activeElement);
      if (view?.kind === 'result') {
        result = resultView({ message: next, view, dials, press, failed, applyTo });
        fill(body, result.element);
      } else if (view) fill(body, viewOf(view, press));
      else fill(body);
      if (hadFocus) element.focus({ preventScroll: true });
    }
    if (before.progress && !making) {
      if (problem || view?.kind === 'problem') return;
      say(view?.kind === 'result' ? `Ready. ${view.text}` : 'Cancelled.', false);
      // Whoever pressed a button that is gone is not left without a place.
      if (document.activeElement === document.body) element.focus({ preventScroll: true });
    }
  };
  update(first);
  return { element, update };
}
