/**
 * @file Elements without ceremony: `h` makes one, `icon` draws one of the few signs of the page.
 */

/**
 * Makes an element. Properties that begin with `on` are listeners, those with a dash or `role` are
 * attributes, all others are set as they are; `class` is the class, `data` the data set.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [props] what is undefined or false is left out
 * @param {...(Node | string | number | false | null | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {any} */ (value));
    else if (name === 'class') element.className = String(value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name.includes('-') || !(name in element)) {
      element.setAttribute(name, value === true ? '' : String(value));
    } else Reflect.set(element, name, value);
  }
  fill(element, ...children);
  return element;
}

/**
 * Replaces what is in an element.
 * @param {Element} element
 * @param {...(Node | string | number | false | null | undefined)} children
 */
export function fill(element, ...children) {
  const kept = children.filter((child) => child !== false && child !== null && child !== undefined);
  element.replaceChildren(
    .../** @type {(Node | string)[]} */ (kept.map((c) => (c instanceof Node ? c : String(c)))),
  );
}

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector of an element that is there
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function $(selector, root = document) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return /** @type {T} */ (found);
}

/** Paths on a field of 24 by 24, drawn with a stroke. */
const icons = {
  arrow: 'M4 12h15M13 6l6 6-6 6',
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  cross: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01',
  plus: 'M12 5v14M5 12h14',
  undo: 'M9 7L4 12l5 5M4 12h10a5 5 0 0 1 0 10h-3',
};

/**
 * @param {keyof typeof icons} name
 * @returns {SVGElement} hidden from screen readers: the words beside it say what it is
 */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

/** @param {number} seconds 0 or more */
export function duration(seconds) {
  if (seconds < 1.5) return 'about a second';
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** @param {number} value @returns {string} with at most two digits after the point, and a true minus */
export function number(value) {
  return String(Math.round(value * 100) / 100).replace('-', '−');
}
