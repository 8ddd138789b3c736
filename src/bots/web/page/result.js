/**
 * @file A result: the picture in full, the cells to pick from, the two live sliders, the buttons.
 *
 * @typedef {import('./api.js').Cell} Cell
 * @typedef {import('./api.js').ResultView} ResultView
 * @typedef {{lambda: number, guidance: number}} Place
 */
import { api } from './api.js';
import { lastWins } from './dials.js';
import { fill, h, icon, number } from './dom.js';
import { veil } from './veil.js';
import { buttonOf, problemOf } from './views.js';

/**
 * @param {object} options
 * @param {import('./api.js').Message} options.message
 * @param {ResultView} options.view
 * @param {import('./api.js').Hello['dials']} options.dials
 * @param {(button: import('./api.js').Button) => unknown} options.press
 * @param {(error: unknown) => void} options.failed
 * @param {(picture: File) => unknown} options.applyTo
 */
export function resultView({ message, view: first, dials, press, failed, applyTo }) {
  let view = first;
  const isMoving = view.pictureKind === 'animation';
  // One cell is shown with those from which it was picked, or made.
  const among = message.cells?.cells ?? [];
  const single = view.cells.length === 1 ? view.cells[0] : undefined;
  const cells = among.length > 0 && (single || isMoving) ? among : view.cells;
  const best =
    cells === view.cells ? cells[view.suggested ?? -1] : cells[message.cells?.suggested ?? -1];
  const start = single ?? best ?? cells[Math.floor(cells.length / 2)];
  /** @type {Place} */
  let at = { lambda: start?.lambda ?? 1, guidance: start?.guidance ?? 2 };

  /** Why the last wish came to nothing; what was there before stays. */
  const trouble = h('div', { class: 'trouble' });
  /** @param {Parameters<typeof problemOf>[0]} problem */
  const tell = (problem) => fill(trouble, problemOf(problem));
  const hero = h('img', {
    class: 'hero-picture',
    alt: '',
    onload: () => frame.classList.remove('gone'),
    // A picture that is no longer kept, most of the time: the server knows the words for it.
    onerror: async () => {
      const url = hero.src;
      frame.classList.add('gone');
      const problem = await api.reason(url);
      if (problem && url === hero.src) tell(problem);
    },
  });
  const frame = h(
    'div',
    { class: 'hero', tabIndex: -1 },
    hero,
    h('span', { class: 'hero-gone' }, icon('picture'), 'No picture'),
    h('span', { class: 'spinner hero-spinner', 'aria-hidden': 'true' }),
    h('span', { class: 'badge' }, 'B′'),
  );
  const caption = h('output', { class: 'caption' });
  const buttons = h('div', { class: 'actions refine', role: 'group', 'aria-label': 'Refine' });
  const grid = message.cells?.picture ?? (view.pictureKind === 'grid' ? view.picture : undefined);

  /** @param {string} url @param {string} words */
  const show = (url, words) => {
    hero.src = url;
    hero.alt = isMoving ? view.alt : `B′ at ${words}`;
    caption.textContent = words;
  };
  const drawButtons = () => {
    const picks = new Set([...cells, ...view.cells].map(({ pick }) => pick));
    const shown = view.buttons.flat().filter(({ id }) => !picks.has(id));
    fill(buttons, ...shown.map((button) => buttonOf(button, press)));
  };

  /** Buttons are about what is shown: those of the cell that was picked, or of the sliders' place. */
  const adopt = (/** @type {ResultView} */ next) => {
    view = next;
    drawButtons();
  };

  const live = lastWins({
    /** @param {Place} place @param {AbortSignal} signal @param {boolean} final */
    async render(place, signal, final) {
      const { view: next } = await api.live(
        { message: message.id, job: first.job, ...place, final },
        signal,
      );
      if (signal.aborted || !next) return;
      if (next.kind === 'problem') tell(next);
      if (next.kind !== 'result' || !next.picture) return;
      fill(trouble);
      show(api.file(next.picture), wordsOf(place));
      // Of what is passed by nothing is kept, so that its buttons would lead nowhere.
      if (final) adopt(next);
    },
    failed,
    busy: (busy) => frame.classList.toggle('busy', busy),
  });
  const isSame = (/** @type {Place} */ a, /** @type {Place} */ b) =>
    a.lambda === b.lambda && a.guidance === b.guidance;
  const moved = (/** @type {boolean} */ isFinal) => {
    // Else the buttons of the cell that was picked would come after those of the sliders' place.
    picking.stop();
    at = { lambda: strength.value, guidance: guidance.value };
    for (const input of table.querySelectorAll('input')) input.checked = false;
    if (isFinal) live.release({ ...at }, isSame);
    else live.drag({ ...at });
  };
  const strength = slider('Strength', dials.strength, at.lambda, 0.05, moved);
  const guidance = slider('Guidance', dials.guidance, at.guidance, 0.1, moved);

  /** @param {Cell} cell */
  const choose = (cell) => {
    live.stop();
    fill(trouble);
    at = { lambda: cell.lambda, guidance: cell.guidance };
    strength.set(at.lambda);
    guidance.set(at.guidance);
    show(api.file(cell.file), wordsOf(cell));
    picking.release(cell.pick, Object.is);
  };
  const picking = lastWins({
    /** @param {string} pick @param {AbortSignal} signal */
    async render(pick, signal) {
      const { view: next } = await api.live({ message: message.id, button: pick }, signal);
      if (signal.aborted) return;
      if (next?.kind === 'result') adopt(next);
      else if (next?.kind === 'problem') tell(next);
    },
    failed,
  });

  const rows = [...new Set(cells.map((cell) => cell.guidance))];
  const columns = Math.max(1, Math.ceil(cells.length / Math.max(1, rows.length)));
  const table = h(
    'fieldset',
    { class: 'cells' },
    h('legend', {}, rows.length > 1 ? 'Strength · guidance' : 'Strength'),
  );
  table.style.setProperty('--columns', String(columns));
  for (const cell of cells) {
    const isBest = cell === best;
    const words = `Strength ${number(cell.lambda)}, guidance ${number(cell.guidance)}${isBest ? ', suggested' : ''}`;
    table.append(
      h(
        'label',
        { class: `cell${isBest ? ' best' : ''}`, title: words },
        h('input', {
          type: 'radio',
          name: `cell-${message.id}`,
          class: 'unseen',
          checked: !isMoving && cell.file === start?.file,
          'aria-label': words,
          onchange: () => choose(cell),
        }),
        h(
          'span',
          { class: 'cell-picture' },
          h('img', {
            src: api.file(cell.file),
            alt: '',
            loading: 'lazy',
            onerror: (/** @type {Event} */ { target }) =>
              /** @type {HTMLElement} */ (target).classList.add('gone'),
          }),
        ),
        h(
          'span',
          { class: 'cell-label', 'aria-hidden': 'true' },
          number(cell.lambda),
          rows.length > 1 && h('small', {}, ` · ${number(cell.guidance)}`),
        ),
      ),
    );
  }

  const other = h('input', {
    type: 'file',
    accept: 'image/*',
    class: 'unseen',
    tabIndex: -1,
    'aria-hidden': 'true',
    onchange: () => {
      const [file] = other.files ?? [];
      other.value = '';
      if (file) applyTo(file);
    },
  });
  const canApply = view.buttons
    .flat()
    .some(({ asks }) => asks?.some(({ kind }) => kind === 'picture'));

  drawButtons();
  if (isMoving && view.picture) show(api.file(view.picture), view.text);
  else if (start) show(api.file(start.file), wordsOf(start));
  else if (view.picture) show(api.file(view.picture), view.text);

  const settle = () => {
    live.stop();
    picking.stop();
  };
  const element = h(
    'div',
    { class: 'result' },
    h(
      'figure',
      { class: 'hero-figure' },
      frame,
      trouble,
      h(
        'figcaption',
        {},
        caption,
        grid &&
          h('a', { href: api.file(grid), target: '_blank', rel: 'noopener' }, 'Labelled grid'),
      ),
      canApply &&
        h(
          'button',
          { type: 'button', class: 'apply-here', onclick: () => other.click() },
          icon('picture'),
          h('span', {}, 'Drop another picture here, or choose one, for the same change'),
        ),
      other,
    ),
    h(
      'div',
      { class: 'controls' },
      cells.length > 1 && table,
      h(
        'div',
        { class: 'dials', role: 'group', 'aria-label': 'Dials' },
        strength.element,
        guidance.element,
      ),
      buttons,
      view.remarks.length > 0 && h('p', { class: 'hint' }, view.remarks.join(' ')),
    ),
  );
  if (view.spoiler) frame.append(veil(element));
  return {
    element,
    leave: settle,
    /** A button was pressed: what the sliders or a cell have asked for does not come afterwards. */
    settle,
  };
}

/** @param {Place} place */
const wordsOf = ({ lambda, guidance }) =>
  `strength ${number(lambda)}, guidance ${number(guidance)}`;

/**
 * @param {string} label
 * @param {[number, number]} range
 * @param {number} value
 * @param {number} step
 * @param {(isFinal: boolean) => void} moved
 */
function slider(label, [min, max], value, step, moved) {
  // No output element: a label would be about that, in place of the slider.
  const output = h('span', { class: 'value' }, number(value));
  const input = h('input', {
    type: 'range',
    min: String(min),
    max: String(max),
    step: String(step),
    oninput: () => {
      output.textContent = number(Number(input.value));
      moved(false);
    },
    onchange: () => moved(true),
  });
  input.value = String(value);
  return {
    element: h('label', { class: 'slider-label' }, h('span', {}, label, output), input),
    get value() {
      return Number(input.value);
    },
    set: (/** @type {number} */ next) => {
      input.value = String(next);
      output.textContent = number(next);
    },
  };
}
