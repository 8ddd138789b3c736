/** What Slack's documents say of texts, options and what can be pressed. */
export type Json = Record<string, unknown>;
export type Surface = 'message' | 'modal' | 'home';

/** Tells what is wrong, and where. */
export type Report = (path: string, what: string) => void;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Slack refuses properties that it does not know. */
export function onlyKeys(
  value: Json,
  known: readonly string[],
  path: string,
  report: Report,
): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) report(path, `has no property ${key}`);
  }
}

export function lengthOf(
  value: unknown,
  most: number,
  path: string,
  report: Report,
  isRequired = false,
): void {
  if (value === undefined && !isRequired) return;
  if (typeof value !== 'string') {
    report(path, 'is no text');
    return;
  }
  if (isRequired && value.trim() === '') report(path, 'is empty');
  if (value.length > most) report(path, `is longer than ${most} characters`);
}

/** @param kind `plain`: no mrkdwn there */
export function textObject(
  value: unknown,
  kind: 'plain' | 'any',
  most: number,
  path: string,
  report: Report,
): void {
  if (!isJson(value)) {
    report(path, 'is no text object');
    return;
  }
  const { type } = value;
  const isPlain = type === 'plain_text';
  if (!isPlain && !(type === 'mrkdwn' && kind === 'any')) report(path, `cannot be ${String(type)}`);
  onlyKeys(value, ['type', 'text', isPlain ? 'emoji' : 'verbatim'], path, report);
  lengthOf(value.text, most, `${path}.text`, report, true);
  // Plain text is shown as it is.
  if (!isPlain && typeof value.text === 'string') noPing(value.text, `${path}.text`, report);
}

/** Nothing of this bot calls everybody. */
export function noPing(text: string, path: string, report: Report): void {
  if (/<!(channel|here|everyone|subteam)/.test(text)) report(path, 'calls everybody');
}

export function option(value: unknown, kind: 'plain' | 'any', path: string, report: Report): void {
  if (!isJson(value)) {
    report(path, 'is no option');
    return;
  }
  onlyKeys(value, ['text', 'value', 'description'], path, report);
  textObject(value.text, kind, 75, `${path}.text`, report);
  lengthOf(value.value, 150, `${path}.value`, report, true);
  if (value.description !== undefined) {
    textObject(value.description, kind, 75, `${path}.description`, report);
  }
}

export function confirm(value: unknown, path: string, report: Report): void {
  if (value === undefined) return;
  if (!isJson(value)) {
    report(path, 'is no dialog');
    return;
  }
  onlyKeys(value, ['title', 'text', 'confirm', 'deny', 'style'], path, report);
  textObject(value.text, 'any', 300, `${path}.text`, report);
  const most = { title: 100, confirm: 30, deny: 30 };
  for (const key of ['title', 'confirm', 'deny'] as const) {
    if (value[key] !== undefined) {
      textObject(value[key], 'plain', most[key], `${path}.${key}`, report);
    }
  }
  style(value.style, `${path}.style`, report);
}

export function style(value: unknown, path: string, report: Report): void {
  if (value !== undefined && value !== 'primary' && value !== 'danger') report(path, 'is no style');
}
