/** @file A place for a picture: drop, paste, pick or photograph one. */
import { h, icon } from './dom.js';
import { droppable, smallOf } from './pictures.js';

/** Whether this device is held in a hand: then it offers its camera. */
const hasCamera = matchMedia('(pointer: coarse)').matches;

/**
 * @param {object} options
 * @param {string} options.name e.g. A′
 * @param {string} options.about what belongs here, in a few words
 * @param {() => void} options.changed
 */
export function zone({ name, about, changed }) {
  /** @type {{file: Blob, small: string} | undefined} */
  let held;
  /** Which put is the latest. */
  let turn = 0;

  const preview = h('img', { class: 'zone-picture', alt: '', hidden: true });
  const words = h('span', { class: 'zone-words' }, icon('picture'), h('span', {}, about));
  const input = (/** @type {string | undefined} */ capture) => {
    const file = h('input', {
      type: 'file',
      accept: 'image/*',
      class: 'unseen',
      tabIndex: -1,
      'aria-hidden': 'true',
      capture,
      onchange: () => {
        const [picked] = file.files ?? [];
        file.value = '';
        if (picked) put(picked);
      },
    });
    return file;
  };
  const file = input(undefined);
  const photo = input('environment');
  const pick = h(
    'button',
    { type: 'button', class: 'zone-pick', onclick: () => file.click() },
    preview,
    words,
    h('span', { class: 'badge', 'aria-hidden': 'true' }, name),
  );
  const clear = h(
    'button',
    {
      type: 'button',
      class: 'round',
      hidden: true,
      'aria-label': `Take ${name} away`,
      title: 'Take away',
      onclick: () => {
        set(undefined);
        pick.focus();
      },
    },
    icon('cross'),
  );
  const camera = h(
    'button',
    {
      type: 'button',
      class: 'round',
      hidden: !hasCamera,
      'aria-label': `Photograph ${name}`,
      title: 'Camera',
      onclick: () => photo.click(),
    },
    icon('camera'),
  );
  const tools = h('span', { class: 'zone-tools' }, camera, clear);
  const element = h(
    'div',
    { class: 'zone' },
    h('div', { class: 'zone-frame' }, pick, tools),
    file,
    photo,
  );

  /** @param {typeof held} next */
  const draw = (next) => {
    turn++;
    held = next;
    if (preview.src) URL.revokeObjectURL(preview.src);
    // What this browser cannot show, the server may be able to read.
    const isShown = next && next.small !== '';
    if (isShown) preview.src = URL.createObjectURL(next.file);
    else preview.removeAttribute('src');
    preview.hidden = !isShown;
    words.hidden = Boolean(isShown);
    words.lastElementChild?.replaceChildren(
      next ? Reflect.get(next.file, 'name') || 'a picture' : about,
    );
    clear.hidden = !next;
    element.classList.toggle('filled', Boolean(next));
    const state = next
      ? 'holds a picture. Choose another'
      : 'is empty. Drop, paste or choose a picture';
    pick.setAttribute('aria-label', `${name}, ${about}: ${state}.`);
  };
  /** @param {typeof held} next */
  const set = (next) => {
    draw(next);
    changed();
  };
  /** @param {Blob} blob */
  const put = async (blob) => {
    const mine = ++turn;
    const small = await smallOf(blob);
    if (mine === turn) set({ file: blob, small });
  };
  droppable(element, put);
  draw(undefined);

  return {
    element,
    tools,
    put,
    clear: () => set(undefined),
    get held() {
      return held;
    },
    focus: () => pick.focus(),
  };
}
