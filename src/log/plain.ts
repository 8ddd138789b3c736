import { types } from 'node:util';

/** How deep, and how many of each list or object: beyond that, what is left out is counted. */
const limits = { depth: 8, entries: 100 };

/**
 * Anything as plain data for a line of JSON: errors with their cause chain and stack, maps and sets
 * with what is in them, bytes as their number. Getters and `toJSON` that throw do no harm, nor do
 * circles.
 */
export function plain(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'symbol' || typeof value === 'function') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circle]';
  if (above.length >= limits.depth) return '[too deep]';
  const inner = (child: unknown) => plain(child, [...above, value]);
  try {
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
      return `[${value.byteLength} bytes]`;
    }
    if (value instanceof Error || types.isNativeError(value)) return ofError(value, inner);
    if (value instanceof Map) return ofEntries(mapEntries(value), inner);
    if (value instanceof Set) return ofList([...value], inner);
    if (Array.isArray(value)) return ofList(value, inner);
    if (value instanceof URL) return value.href;
    if (value instanceof RegExp) return String(value);
    if (value instanceof Headers || value instanceof URLSearchParams) {
      return ofEntries([...value.entries()], inner);
    }
    const json = (value as { toJSON?: unknown }).toJSON;
    if (typeof json === 'function') return inner(json.call(value));
    return ofEntries(Object.entries(value), inner);
  } catch {
    return '[unreadable]';
  }
}

type Inner = (child: unknown) => unknown;

function ofError(error: Error, inner: Inner): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = error as Error & Record<string, unknown>;
  const errors = (error as { errors?: unknown }).errors;
  return {
    type: String(name ?? error.constructor?.name),
    message: String(message),
    ...(ofEntries(Object.entries(rest), inner) as object),
    ...(typeof stack === 'string' && { stack }),
    ...(Array.isArray(errors) && { errors: inner(errors) }),
    ...(cause !== undefined && { cause: inner(cause) }),
  };
}

function mapEntries(map: Map<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, value]) => [
    typeof key === 'object' ? JSON.stringify(plain(key)) : String(key),
    value,
  ]);
}

function ofEntries(entries: [string, unknown][], inner: Inner): Record<string, unknown> {
  const shown = entries.slice(0, limits.entries).map(([name, value]) => [name, inner(value)]);
  const left = entries.length - shown.length;
  return Object.fromEntries(left > 0 ? [...shown, ['…', `${left} more`]] : shown);
}

function ofList(list: readonly unknown[], inner: Inner): unknown[] {
  const shown = list.slice(0, limits.entries).map(inner);
  return list.length > shown.length ? [...shown, `… ${list.length - shown.length} more`] : shown;
}
