import { readFileSync } from 'node:fs';
import { LikewiseError } from '../src/errors.ts';
import { type Config, defaults, schema } from './schema.ts';

const prefix = 'LIKEWISE_';

/**
 * The settings: defaults, overridden by the file that `LIKEWISE_CONFIG` names (JSON), overridden
 * by the environment. Lists in the environment are separated by commas.
 *
 * @param env the environment, read here once and nowhere else
 * @throws LikewiseError `CONFIG_INVALID`, naming the setting
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const settings = fromFile(env[`${prefix}CONFIG`]);
  for (const [path, example] of leaves(defaults)) {
    const text = env[prefix + path.join('_').replace(/[A-Z]/g, '_$&').toUpperCase()];
    if (text !== undefined && text !== '') assign(settings, path, parse(text, example));
  }
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const setting = issue?.path.join('.') || 'at the top';
  throw new LikewiseError('CONFIG_INVALID', { setting, reason: decapitalised(issue?.message) });
}

type Settings = { [name: string]: unknown };

function fromFile(file: string | undefined): Settings {
  if (file === undefined || file === '') return {};
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isSettings(settings)) return settings;
    throw new TypeError('it holds no settings');
  } catch (cause) {
    const reason = `${file}: ${(cause as Error).message}`;
    throw new LikewiseError('CONFIG_INVALID', { setting: `${prefix}CONFIG`, reason }, { cause });
  }
}

/** Every setting's path and default. */
function leaves(settings: Settings, path: string[] = []): [path: string[], example: unknown][] {
  return Object.entries(settings).flatMap(([name, value]) =>
    isSettings(value) ? leaves(value, [...path, name]) : [[[...path, name], value]],
  );
}

/** Text to the default's type; what does not fit is left for the schema to refuse by name. */
function parse(text: string, example: unknown): unknown {
  if (Array.isArray(example)) return text.split(',').map((part) => parse(part, example[0]));
  return typeof example === 'number' && text.trim() !== '' ? Number(text) : text;
}

function assign(settings: Settings, path: string[], value: unknown): void {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    settings[name] = value;
    return;
  }
  const inner = settings[name];
  if (!isSettings(inner)) settings[name] = {};
  assign(settings[name] as Settings, rest, value);
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decapitalised(message = 'it does not fit'): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
