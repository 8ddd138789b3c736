/**
 * @file Inputs for the fields that commands and buttons ask for, whatever they are.
 *
 * @typedef {import('./api.js').Field} Field
 * @typedef {{values: Record<string, unknown>, files: Record<string, File>}} Answers
 */
import { api } from './api.js';
import { fill, h } from './dom.js';

/** For the ids of inputs. */
let count = 0;

/**
 * @param {Field} field
 * @returns {{element: HTMLElement, read: (into: Answers) => void}}
 */
export function inputOf(field) {
  const { name, kind, description, required, min, max, choices } = field;
  const label = h('span', {}, description, !required && h('small', {}, ' (if you like)'));
  const wrap = (/** @type {HTMLElement} */ input, /** @type {HTMLElement[]} */ ...more) =>
    h('label', { class: 'field' }, label, input, ...more);

  if (kind === 'picture' || kind === 'file') {
    const accept = kind === 'picture' ? 'image/*' : '.safetensors';
    const input = h('input', { type: 'file', accept, required });
    return {
      element: wrap(input),
      read: ({ files }) => {
        const [file] = input.files ?? [];
        if (file) files[name] = file;
      },
    };
  }
  if (kind === 'choice' || kind === 'flag') {
    const options = kind === 'flag' ? ['true', 'false'] : (choices ?? []);
    const words = /** @type {Record<string, string>} */ ({ true: 'yes', false: 'no' });
    const input = h(
      'select',
      { required },
      !required && h('option', { value: '' }, '—'),
      ...options.map((value) =>
        h('option', { value }, kind === 'flag' ? (words[value] ?? value) : value),
      ),
    );
    return {
      element: wrap(input),
      read: ({ values }) => {
        if (input.value) values[name] = input.value;
      },
    };
  }
  const isNumber = kind === 'number';
  const isLong = kind === 'text' && (max ?? 0) > 250;
  const input = isLong
    ? h('textarea', { required, maxLength: max ?? 2000, rows: 3 })
    : h('input', {
        type: isNumber ? 'number' : 'text',
        required,
        autocomplete: 'off',
        ...(isNumber
          ? { step: 'any', min: String(min ?? ''), max: String(max ?? '') }
          : kind === 'text' && max
            ? { maxLength: max }
            : {}),
      });
  /** @type {HTMLElement[]} */
  const more = [];
  if (kind === 'analogy' && input instanceof HTMLInputElement) more.push(completion(input));
  return {
    element: wrap(input, ...more),
    read: ({ values }) => {
      const value = input.value.trim();
      if (value) values[name] = value;
    },
  };
}

/**
 * Offers the names of the library as one types.
 * @param {HTMLInputElement} input
 */
function completion(input) {
  const list = h('datalist', { id: `names-${++count}` });
  input.setAttribute('list', list.id);
  let turn = 0;
  const look = async () => {
    const mine = ++turn;
    const names = await api.complete(input.value).catch(() => []);
    if (mine === turn) fill(list, ...names.map((value) => h('option', { value })));
  };
  input.addEventListener('input', look);
  input.addEventListener('focus', look);
  return list;
}

/**
 * @param {readonly Field[]} fields
 * @returns {{elements: HTMLElement[], read: () => Answers}}
 */
export function inputsOf(fields) {
  const inputs = fields.map(inputOf);
  return {
    elements: inputs.map(({ element }) => element),
    read: () => {
      /** @type {Answers} */
      const answers = { values: {}, files: {} };
      for (const { read } of inputs) read(answers);
      return answers;
    },
  };
}
