/**
 * @file Draw A' over A (the paper's Fig. 9): brush, colours, eraser, size, undo. What is drawn lies
 * on a layer of its own, so that the eraser brings A back.
 */
import { h, icon } from './dom.js';

const colours = [
  ['Black', '#1d1b22'],
  ['White', '#ffffff'],
  ['Red', '#e5484d'],
  ['Orange', '#f5a524'],
  ['Yellow', '#f7d94c'],
  ['Green', '#46a758'],
  ['Blue', '#3e7bfa'],
  ['Violet', '#8e4ec6'],
  ['Brown', '#8d5a3a'],
];

/** Longest side of the drawing in pixels: the model sees less, and a phone's memory is small. */
const longest = 1024;
/** Strokes that can be taken back. */
const mostUndo = 40;

/**
 * Opens the dialog.
 * @param {Blob} under A
 * @returns {Promise<Blob | undefined>} A with the drawing on it, a PNG; undefined where it was given up
 */
export async function sketch(under) {
  const base = await createImageBitmap(under);
  const scale = Math.min(1, longest / Math.max(base.width, base.height));
  const width = Math.max(1, Math.round(base.width * scale));
  const height = Math.max(1, Math.round(base.height * scale));
  const layer = h('canvas', { width, height });
  const ink = /** @type {CanvasRenderingContext2D} */ (layer.getContext('2d'));
  const shown = h('canvas', {
    width,
    height,
    class: 'sketch-canvas',
    tabIndex: 0,
    role: 'img',
    'aria-label':
      'The drawing. Draw with the pointer; or move the brush with the arrow keys and hold Space to draw.',
  });
  shown.style.setProperty('--shape', String(width / height));
  const screen = /** @type {CanvasRenderingContext2D} */ (shown.getContext('2d'));
  ink.lineCap = 'round';
  ink.lineJoin = 'round';

  /** @type {ImageData[]} */
  const before = [];
  let [, colour] = /** @type {[string, string]} */ (colours[0]);
  let erasing = false;
  /** Share of the longer side. */
  let size = 0.03;
  /** The brush, for those who draw with the keyboard. */
  const brush = { x: width / 2, y: height / 2, visible: false };
  const radius = () => (size * Math.max(width, height)) / 2;

  const draw = () => {
    screen.globalCompositeOperation = 'source-over';
    screen.clearRect(0, 0, width, height);
    screen.drawImage(base, 0, 0, width, height);
    screen.drawImage(layer, 0, 0);
    if (!brush.visible) return;
    screen.beginPath();
    screen.arc(brush.x, brush.y, radius(), 0, Math.PI * 2);
    screen.lineWidth = 3;
    screen.strokeStyle = '#fff';
    screen.stroke();
    screen.lineWidth = 1.5;
    screen.strokeStyle = '#000';
    screen.stroke();
  };
  const remember = () => {
    before.push(ink.getImageData(0, 0, width, height));
    if (before.length > mostUndo) before.shift();
    undo.disabled = false;
    done.disabled = false;
  };
  /** @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
  const line = (from, to) => {
    ink.globalCompositeOperation = erasing ? 'destination-out' : 'source-over';
    ink.strokeStyle = colour;
    ink.lineWidth = radius() * 2;
    ink.beginPath();
    ink.moveTo(from.x, from.y);
    ink.lineTo(to.x + 0.01, to.y);
    ink.stroke();
    draw();
  };
  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = shown.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  };

  /** @type {{x: number, y: number} | undefined} */
  let last;
  shown.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    shown.setPointerCapture(event.pointerId);
    brush.visible = false;
    remember();
    last = at(event);
    line(last, last);
  });
  shown.addEventListener('pointermove', (event) => {
    if (!last) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = at(one);
      line(last, next);
      last = next;
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    shown.addEventListener(end, () => {
      last = undefined;
    });
  }
  /** Whether the stroke of the keyboard goes on. */
  let pressed = false;
  shown.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? 2 : 12;
    const moves = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = Reflect.get(moves, event.key);
    if (!move && event.key !== ' ') return;
    event.preventDefault();
    brush.visible = true;
    const from = { x: brush.x, y: brush.y };
    if (event.key === ' ' && !pressed) {
      pressed = true;
      remember();
      line(from, from);
    }
    if (move) {
      brush.x = Math.min(width, Math.max(0, brush.x + move[0]));
      brush.y = Math.min(height, Math.max(0, brush.y + move[1]));
      if (pressed) line(from, brush);
    }
    draw();
  });
  shown.addEventListener('keyup', (event) => {
    if (event.key === ' ') pressed = false;
  });
  shown.addEventListener('blur', () => {
    pressed = false;
    brush.visible = false;
    draw();
  });

  const takeBack = () => {
    const image = before.pop();
    if (image) ink.putImageData(image, 0, 0);
    undo.disabled = before.length === 0;
    done.disabled = before.length === 0;
    draw();
  };
  const undo = h(
    'button',
    { type: 'button', class: 'quiet', disabled: true, onclick: takeBack },
    icon('undo'),
    'Undo',
  );
  const done = h(
    'button',
    { type: 'submit', value: 'done', class: 'primary', disabled: true },
    'Use as A′',
  );
  const choose = (/** @type {string | undefined} */ value) => {
    erasing = value === undefined;
    if (value !== undefined) colour = value;
  };
  const picks = colours.map(([name, value], index) => {
    const input = h('input', {
      type: 'radio',
      name: 'ink',
      checked: index === 0,
      onchange: () => choose(value),
    });
    const swatch = h('span', { class: 'swatch' });
    swatch.style.background = value ?? '';
    return h(
      'label',
      { class: 'ink', title: name },
      input,
      swatch,
      h('span', { class: 'unseen' }, name),
    );
  });
  const own = h('input', {
    type: 'color',
    value: '#d6337c',
    'aria-label': 'A colour of your own',
    oninput: () => {
      for (const input of dialog.querySelectorAll('input[name=ink]'))
        Reflect.set(input, 'checked', false);
      choose(own.value);
    },
  });
  const eraser = h(
    'label',
    { class: 'ink eraser' },
    h('input', { type: 'radio', name: 'ink', onchange: () => choose(undefined) }),
    h('span', { class: 'chip' }, 'Eraser'),
  );
  const sizes = h('input', {
    type: 'range',
    min: '0.5',
    max: '14',
    step: '0.5',
    value: String(size * 100),
    oninput: () => {
      size = Number(sizes.value) / 100;
    },
  });

  const dialog = h(
    'dialog',
    { class: 'dialog sketch', 'aria-labelledby': 'sketch-title' },
    h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'sketch-title' }, 'Draw what changes'),
      h(
        'p',
        { class: 'hint' },
        'Your drawing over A becomes A′: glasses, a hat, a beard, another colour.',
      ),
      h('div', { class: 'sketch-stage' }, shown),
      h(
        'div',
        { class: 'sketch-tools' },
        h(
          'fieldset',
          { class: 'inks' },
          h('legend', { class: 'unseen' }, 'Colour'),
          ...picks,
          own,
          eraser,
        ),
        h('label', { class: 'slider-label' }, h('span', {}, 'Brush size'), sizes),
      ),
      h(
        'div',
        { class: 'dialog-actions' },
        undo,
        h('span', { class: 'grow' }),
        h('button', { type: 'submit', value: '', class: 'quiet', formNoValidate: true }, 'Cancel'),
        done,
      ),
    ),
  );
  dialog.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'z') {
      event.preventDefault();
      takeBack();
    }
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  const finished = dialog.returnValue === 'done';
  dialog.remove();
  if (!finished) return undefined;
  brush.visible = false;
  draw();
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) =>
    shown.toBlob(resolve, 'image/png'),
  );
  return blob ?? undefined;
}
