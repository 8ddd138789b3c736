/** @file The page as a whole: who is here, the conversation, and what lies around it. */
import { api } from './api.js';
import { card } from './card.js';
import { composer } from './composer.js';
import { $, fill, h } from './dom.js';
import { panels } from './panels.js';
import { signIn } from './sign-in.js';

const feed = $('#feed');
const toasts = $('#toasts');
const spoken = $('#spoken');
/** @type {Map<string, ReturnType<typeof card>>} */
const cards = new Map();

/**
 * @param {string} text told to screen readers
 * @param {boolean} [isShown] for a moment, too
 */
function say(text, isShown = true) {
  spoken.textContent = text;
  if (isShown) toast(text, 'note', 5000);
}

/** @param {unknown} error */
function failed(error) {
  const isProblem = error instanceof Error;
  if (isProblem && 'code' in error && error.code === 'SIGN_IN') {
    location.reload();
    return;
  }
  const message = isProblem ? error.message : String(error);
  if (!isProblem || error.name !== 'Error') console.error(error);
  toast(message, 'error', 12_000);
}

/** @param {string} text @param {string} kind @param {number} ms */
function toast(text, kind, ms) {
  const element = h(
    'div',
    { class: `toast ${kind}`, role: kind === 'error' ? 'alert' : undefined },
    h('span', {}, text),
  );
  element.append(
    h(
      'button',
      { type: 'button', class: 'round', 'aria-label': 'Dismiss', onclick: () => element.remove() },
      '×',
    ),
  );
  toasts.append(element);
  while (toasts.childElementCount > 3) toasts.firstElementChild?.remove();
  setTimeout(() => element.remove(), ms);
}

/** @param {import('./api.js').Hello} hello */
function open(hello) {
  const empty = $('#empty');
  /**
   * @param {import('./api.js').Message} message
   * @param {boolean} isNew whether its reader has just asked for it
   * @param {boolean} [isWhole] whether it is how the whole conversation begins anew
   */
  const show = (message, isNew, isWhole = false) => {
    const known = cards.get(message.id);
    if (known) known.update(message, isWhole);
    else {
      const next = card({ message, dials: hello.dials, answered, failed, say });
      cards.set(message.id, next);
      // The latest is on top, beside what it was made from.
      feed.prepend(next.element);
    }
    empty.hidden = true;
    if (!isNew) return;
    const { element } = /** @type {ReturnType<typeof card>} */ (cards.get(message.id));
    element.scrollIntoView({
      // On a phone it is far below.
      block: matchMedia('(min-width: 960px)').matches ? 'nearest' : 'start',
      behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
    });
  };
  const answered = (/** @type {import('./api.js').Message} */ message) => show(message, true);
  const clear = () => {
    cards.clear();
    fill(feed);
    empty.hidden = false;
  };

  const compose = composer({ hello, answered, failed });
  const around = panels({
    hello,
    failed,
    answered,
    // The conversation goes by itself: the server tells every page of it.
    forgotten: compose.clear,
  });
  for (const name of /** @type {const} */ (['library', 'queue', 'help', 'all', 'forget'])) {
    $(`#open-${name}`).addEventListener('click', () => {
      $('#more').removeAttribute('open');
      around[name]();
    });
  }
  $('#start').hidden = hello.samples.length === 0;
  $('#start').addEventListener('click', compose.useAll);

  api.listen(
    (change) => {
      if ('cleared' in change) clear();
      else if ('message' in change) show(change.message, false);
      else {
        const there = new Set(change.messages.map(({ id }) => id));
        for (const id of cards.keys()) if (!there.has(id)) clear();
        for (const message of change.messages) show(message, false, true);
        document.documentElement.dataset.ready = 'true';
      }
    },
    (isThere) => {
      $('#offline').hidden = isThere;
    },
  );
}

// A picture that misses its place must not take the page's.
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault());

try {
  let hello = await api.hello();
  if (!hello.signedIn) {
    await signIn();
    hello = await api.hello();
  }
  open(hello);
} catch (error) {
  failed(error);
}
