/**
 * A scrubbed line for somebody who reads along: time, level, message, fields, and below it the stack of
 * an error with those of its causes. Nothing of it can move the cursor or change colours.
 */
export function readable(fields: Record<string, unknown>): string {
  const { time, level, msg, pid: _, err, ...others } = fields;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const head = [clock, String(level).toUpperCase().padEnd(5), ...(msg === undefined ? [] : [msg])];
  const tail = Object.entries(others).map(([name, value]) => `${name}=${shown(value)}`);
  const stacks = isFields(err) ? stacksOf(err) : err === undefined ? [] : [shown(err)];
  return [oneLine([...head, ...tail].join(' ')), ...stacks].map((line) => `${line}\n`).join('');
}

type Fields = Record<string, unknown>;

function stacksOf(error: Fields, title = ''): string[] {
  const { type, message, stack, cause, errors, ...others } = error;
  const text = typeof stack === 'string' ? stack : `${type}: ${message}`;
  const extra = Object.entries(others).map(([name, value]) => `${name}=${shown(value)}`);
  const lines = `${title}${text}`.split('\n');
  return [
    ...lines.map((line) => `    ${oneLine(line)}`),
    ...(extra.length > 0 ? [`    ${oneLine(extra.join(' '))}`] : []),
    ...(Array.isArray(errors) ? errors : []).flatMap((one) =>
      isFields(one) ? stacksOf(one, 'one of them: ') : [`    one of them: ${shown(one)}`],
    ),
    ...(isFields(cause)
      ? stacksOf(cause, 'caused by: ')
      : cause === undefined
        ? []
        : [`    caused by: ${oneLine(shown(cause))}`]),
  ];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
