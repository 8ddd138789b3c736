/**
 * @file What the page asks of the server, and nothing else asks of it. The types are those of
 * src/commands/port.ts, as far as the page uses them.
 *
 * @typedef {{name: string, kind: string, description: string, required: boolean, min?: number, max?: number, choices?: string[]}} Field
 * @typedef {{id: string, label: string, style: 'plain' | 'primary' | 'danger', asks?: Field[]}} Button
 * @typedef {{lambda: number, guidance: number, file: string, label: string, pick: string}} Cell
 * @typedef {{kind: string, buttons: Button[][]}} Shown
 * @typedef {Shown & {kind: 'progress', job: string, text: string, position?: number, eta?: {seconds: number, text: string}, fraction: number, preview?: string, remarks: string[]}} ProgressView
 * @typedef {Shown & {kind: 'result', job: string, analogy: string, text: string, picture?: string, pictureKind: 'grid' | 'animation' | 'cell', alt: string, cells: Cell[], suggested?: number, remarks: string[], spoiler: boolean, parent?: string}} ResultView
 * @typedef {Shown & {kind: 'text', title?: string, lines: string[], files: {name: string, type: string, alt?: string, file?: string, url?: string}[]}} TextView
 * @typedef {Shown & {kind: 'list', title: string, empty: string, items: {title: string, text: string, ref: string, buttons: Button[]}[]}} ListView
 * @typedef {Shown & {kind: 'confirm', text: string}} ConfirmView
 * @typedef {Shown & {kind: 'problem', code: string, sentence: string, next: string}} ProblemView
 * @typedef {Shown & {kind: 'cancelled', text: string, replaced: boolean}} CancelledView
 * @typedef {ProgressView | ResultView | TextView | ListView | ConfirmView | ProblemView | CancelledView} View
 *
 * @typedef {object} Message
 * @property {string} id
 * @property {number} revision grows with each change
 * @property {number} at milliseconds since 1970
 * @property {string} title
 * @property {Record<string, string>} look small pictures of what was put in: a, aPrime, b
 * @property {ResultView | CancelledView | ProblemView} [view]
 * @property {ResultView} [cells] the last result with several cells
 * @property {ProgressView} [progress]
 * @property {ProblemView} [problem]
 *
 * @typedef {{message: Message} | {view: View}} Outcome
 * @typedef {{messages: Message[]} | {message: Message} | {cleared: true}} Change
 *
 * @typedef {object} Hello
 * @property {boolean} signedIn
 * @property {{role: 'a' | 'aPrime' | 'b', title: string, url: string}[]} samples
 * @property {number} maxUploadBytes
 * @property {{strength: [number, number], guidance: [number, number]}} dials
 * @property {{name: string, description: string, fields: Field[], adminOnly: boolean}[]} commands
 */

/** An error whose message is ready to be read. */
export class ProblemError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {{method?: string, json?: unknown, form?: FormData, signal?: AbortSignal | undefined}} [init]
 */
async function ask(path, { method = 'GET', json, form, signal } = {}) {
  const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      // Other sites cannot send this header: it shows that the page itself asks.
      headers: {
        'likewise-page': '1',
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ProblemError(
      'OFFLINE',
      'Likewise cannot be reached. Is it still running? Try again in a moment.',
    );
  }
  if (response.status === 204) return undefined;
  const value = await response.json().catch(() => undefined);
  if (response.ok) return value;
  const {
    code = 'UNKNOWN',
    message = `The server answered with status ${response.status}. Try again in a moment.`,
  } = value ?? {};
  throw new ProblemError(code, message);
}

/** @returns {string} a name that nothing else has */
export function uniqueKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {string} path
 * @param {object} request
 * @param {Record<string, Blob>} files by the names of their fields
 * @returns {Promise<Outcome>}
 */
function send(path, request, files) {
  const json = { interaction: uniqueKey(), ...request };
  if (Object.keys(files).length === 0) return ask(path, { method: 'POST', json });
  const form = new FormData();
  form.set('request', JSON.stringify(json));
  for (const [name, file] of Object.entries(files)) {
    form.set(`file.${name}`, file, file instanceof File ? file.name : 'picture.png');
  }
  return ask(path, { method: 'POST', form });
}

export const api = {
  /** @returns {Promise<Hello>} */
  hello: () => ask('hello'),
  /** @param {string} password */
  signIn: (password) => ask('sign-in', { method: 'POST', json: { password } }),
  /**
   * @param {string} command
   * @param {object} [input]
   * @param {{title?: string, look?: Record<string, string>, message?: string}} [place]
   * @param {Record<string, Blob>} [files]
   */
  run: (command, input = {}, place = {}, files = {}) =>
    send('run', { command, input, ...place }, files),
  /**
   * @param {string} button
   * @param {object} [values]
   * @param {{title?: string, look?: Record<string, string>, message?: string}} [place]
   * @param {Record<string, Blob>} [files]
   */
  press: (button, values = {}, place = {}, files = {}) =>
    send('press', { button, values, ...place }, files),
  /**
   * One picture at one strength and guidance, or of a button; nothing of it stays in the conversation.
   * Buttons of a picture that is not final may be of no use later.
   * @param {{message: string, job: string, lambda: number, guidance: number, final: boolean} | {message: string, button: string}} place
   * @param {AbortSignal} signal
   * @returns {Promise<{view?: View}>}
   */
  live: (place, signal) =>
    ask('live', { method: 'POST', json: { interaction: uniqueKey(), ...place }, signal }),
  /** @param {string} text @returns {Promise<string[]>} */
  complete: (text) => ask(`complete?text=${encodeURIComponent(text)}`),
  /** @param {string} file @param {string} [name] to download it under */
  file: (file, name) =>
    `/api/files/${encodeURIComponent(file)}${name ? `?name=${encodeURIComponent(name)}` : ''}`,
  /**
   * Why a picture did not come.
   * @param {string} url of one of the server's files
   * @returns {Promise<{code: string, sentence: string, next: string} | undefined>} undefined where it
   *   comes by now
   */
  async reason(url) {
    try {
      await ask(new URL(url, location.href).pathname.replace('/api/', ''));
      return undefined;
    } catch (error) {
      const { code = 'UNKNOWN', message } = /** @type {ProblemError} */ (error);
      return { code, sentence: message, next: '' };
    }
  },
  /**
   * Hears the whole conversation, then what changes in it; and all of it again after a break.
   * @param {(change: Change) => void} heard
   * @param {(isThere: boolean) => void} connected
   */
  listen(heard, connected) {
    const source = new EventSource('/api/stream');
    source.onmessage = ({ data }) => heard(JSON.parse(data));
    source.onopen = () => connected(true);
    source.onerror = () => {
      connected(false);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => api.listen(heard, connected), 3000);
    };
    addEventListener(
      'pagehide',
      () => {
        source.close();
        // A page that the browser kept and shows again listens again.
        addEventListener('pageshow', () => api.listen(heard, connected), { once: true });
      },
      { once: true },
    );
  },
};
