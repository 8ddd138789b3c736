/**
 * @file Where an analogy is put together: A is to A′ as B is to … likewise.
 *
 * @typedef {import('./api.js').Hello} Hello
 */
import { api } from './api.js';
import { $, fill, h, icon } from './dom.js';
import { fileOf, load } from './pictures.js';
import { sketch } from './sketch.js';
import { problemOf } from './views.js';
import { zone } from './zone.js';

const mostPairs = 5;

/**
 * @param {object} options
 * @param {Hello} options.hello
 * @param {(message: import('./api.js').Message) => void} options.answered
 * @param {(error: unknown) => void} options.failed
 */
export function composer({ hello, answered, failed }) {
  const form = /** @type {HTMLFormElement} */ ($('#composer'));
  /** @type {{a: ReturnType<typeof zone>, aPrime: ReturnType<typeof zone>, row: HTMLElement, draw: HTMLButtonElement}[]} */
  const pairs = [];
  const text = h('input', {
    type: 'text',
    maxLength: 300,
    placeholder: 'for example: round glasses',
    autocomplete: 'off',
  });
  const make = h('button', { type: 'submit', class: 'primary big' }, 'Make it');
  const missing = h('p', { class: 'hint', role: 'status' });
  const trouble = h('div', {});
  const more = h(
    'button',
    { type: 'button', class: 'quiet small', onclick: () => addPair().a.focus() },
    icon('plus'),
    'Another example',
  );
  const b = zone({ name: 'B', about: 'your picture', changed: () => changed() });
  const slots = () => [...pairs.flatMap(({ a, aPrime }) => [a, aPrime]), b];

  function addPair() {
    const nth = pairs.length ? ` ${pairs.length + 1}` : '';
    const a = zone({ name: `A${nth}`, about: 'before', changed: () => changed() });
    const aPrime = zone({ name: `A′${nth}`, about: 'after', changed: () => changed() });
    const draw = h(
      'button',
      {
        type: 'button',
        class: 'round',
        disabled: true,
        title: 'Draw over A',
        'aria-label': `Draw A′${nth} over A${nth}`,
        onclick: () => drawOver(pair),
      },
      icon('pencil'),
    );
    aPrime.tools.prepend(draw);
    const row = h(
      'div',
      { class: 'pair' },
      a.element,
      h('span', { class: 'to' }, icon('arrow')),
      aPrime.element,
    );
    const pair = { a, aPrime, row, draw };
    if (nth) {
      row.append(
        h(
          'button',
          {
            type: 'button',
            class: 'round away',
            'aria-label': `Remove example${nth}`,
            title: 'Remove',
            onclick: () => dropPair(pair),
          },
          icon('cross'),
        ),
      );
    }
    pairs.push(pair);
    $('#pairs').append(row);
    changed();
    return pair;
  }
  /** @param {{row: HTMLElement}} pair */
  function dropPair({ row }) {
    pairs.splice(
      pairs.findIndex((one) => one.row === row),
      1,
    );
    row.remove();
    changed();
    more.focus();
  }
  /** @param {{a: ReturnType<typeof zone>, aPrime: ReturnType<typeof zone>}} pair */
  async function drawOver({ a, aPrime }) {
    if (!a.held) return;
    try {
      const drawn = await sketch(a.held.file);
      if (drawn) await aPrime.put(new File([drawn], 'drawing.png', { type: 'image/png' }));
    } catch {
      failed(
        new Error(
          'This browser cannot show A, so nothing can be drawn over it. Save it as a PNG or JPEG.',
        ),
      );
    }
    aPrime.focus();
  }

  function changed() {
    for (const { a, draw } of pairs) draw.disabled = !a.held;
    more.hidden = pairs.length >= mostPairs;
    trouble.replaceChildren();
    missing.textContent = pairs.some(({ a }) => !a.held)
      ? 'Begin with A, a picture before the change.'
      : pairs.some(({ aPrime }) => !aPrime.held)
        ? 'Now A′, the same picture after the change. The pencil lets you draw it.'
        : b.held
          ? ''
          : 'Now B, the picture that is to change likewise.';
    make.setAttribute('aria-disabled', String(missing.textContent !== ''));
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const empty = slots().find((slot) => !slot.held);
    if (empty) {
      empty.focus();
      return;
    }
    make.disabled = true;
    try {
      /** @type {Record<string, Blob>} */
      const files = {};
      /** @type {Record<string, string>} */
      const look = {};
      pairs.forEach(({ a, aPrime }, index) => {
        const nth = index ? String(index + 1) : '';
        if (a.held) files[`before${nth}`] = a.held.file;
        if (aPrime.held) files[`after${nth}`] = aPrime.held.file;
      });
      if (b.held) files.picture = b.held.file;
      for (const [role, slot] of /** @type {const} */ ([
        ['a', pairs[0]?.a],
        ['aPrime', pairs[0]?.aPrime],
        ['b', b],
      ])) {
        if (slot?.held?.small) look[role] = slot.held.small;
      }
      const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
      if (bytes > hello.maxUploadBytes) {
        const most = Math.floor(hello.maxUploadBytes / 1e6);
        throw new Error(
          `The pictures are ${Math.ceil(bytes / 1e6)} MB together; at most ${most} MB are read. Save them smaller.`,
        );
      }
      const nudge = text.value.trim();
      const title = nudge ? `B, changed likewise: ${nudge}` : 'B, changed likewise';
      const outcome = await api.run(
        'analogy',
        nudge ? { text: nudge } : {},
        { title: title.slice(0, 200), look },
        files,
      );
      if ('message' in outcome) answered(outcome.message);
      else if (outcome.view.kind === 'problem') fill(trouble, problemOf(outcome.view));
    } catch (error) {
      failed(error);
    } finally {
      make.disabled = false;
    }
  });

  document.addEventListener('paste', (event) => {
    const file = fileOf(event.clipboardData);
    if (!file || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    const focused = slots().find((slot) => slot.element.contains(document.activeElement));
    (focused ?? slots().find((slot) => !slot.held) ?? b).put(file);
  });

  /** @param {Hello['samples'][number]} sample */
  const use = async ({ role, url }) => {
    const slot = role === 'b' ? b : pairs[0]?.[role];
    try {
      await slot?.put(await load(url));
    } catch (error) {
      failed(error);
    }
  };
  const useAll = async () => {
    await Promise.all(hello.samples.map(use));
    make.focus();
  };
  const names = { a: 'A', aPrime: 'A′', b: 'B' };
  const samples = $('#samples');
  samples.hidden = hello.samples.length === 0;
  fill(
    samples,
    h(
      'button',
      { type: 'button', class: 'quiet small', id: 'try-samples', onclick: useAll },
      'Try the samples',
    ),
    ...hello.samples.map((sample) =>
      h(
        'button',
        {
          type: 'button',
          class: 'sample',
          title: `${names[sample.role]}: ${sample.title}`,
          'aria-label': `Use the sample “${sample.title}” as ${names[sample.role]}`,
          onclick: () => use(sample),
        },
        h('img', { src: sample.url, alt: '', width: 40, height: 40 }),
      ),
    ),
  );
  const answer = h(
    'div',
    { class: 'zone-frame answer' },
    h('span', { class: 'badge' }, 'B′'),
    h('span', { class: 'zone-words' }, h('span', {}, 'likewise')),
  );
  fill(
    $('#own'),
    b.element,
    h('span', { class: 'to' }, icon('arrow')),
    h('div', { class: 'zone', 'aria-hidden': 'true' }, answer),
  );
  fill($('#more-pairs'), more);
  fill(
    $('#nudge'),
    h(
      'label',
      { class: 'field' },
      h('span', {}, 'Words that nudge it', h('small', {}, ' (if you like)')),
      text,
    ),
  );
  fill($('#make'), make, missing, trouble);
  addPair();

  return {
    useAll,
    clear: () => {
      for (const slot of slots()) slot.clear();
    },
  };
}
