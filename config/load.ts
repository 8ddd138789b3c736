import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { LikewiseError } from '../src/errors.ts';
import { accepted, namesUnder } from './accepted.ts';
import { nearest } from './nearest.ts';
import { type Config, defaults, schema } from './schema.ts';
import { isSettings, leaves, type Settings } from './settings.ts';

type Environment = Record<string, string | undefined>;

const prefix = 'LIKEWISE_';
/** A setting's variable with this behind it names a file that holds the value. */
const fileSuffix = '_FILE';
/** Variables that are no settings. */
const others = [`${prefix}CONFIG`, `${prefix}DEBUG`];

/**
 * The settings: defaults, overridden by the file that `LIKEWISE_CONFIG` names (JSON), overridden
 * by the environment. Lists in the environment are separated by commas; `LIKEWISE_…_FILE` names a
 * file that holds the value, for secrets. Empty variables count as absent.
 *
 * @param env the environment, read here once and nowhere else
 * @throws LikewiseError `CONFIG_INVALID`, naming the setting and what it takes
 */
export function loadConfig(env: Environment): Config {
  const variables = new Map(leaves(defaults).map(([path]) => [variableOf(path), path]));
  refuseUnknown(env, [...variables.keys()]);
  const settings = fromFile(env[`${prefix}CONFIG`]);
  const given = new Map<string, string>();
  for (const [path, example] of leaves(defaults)) {
    const found = givenFor(env, path);
    if (!found) continue;
    assign(settings, path, parse(found.text, example));
    given.set(path.join('.'), found.variable);
  }
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw refusal(result.error.issues[0], given);
}

function variableOf(path: readonly string[]): string {
  return prefix + path.join('_').replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** What a setting is in the environment, and by which variable. */
function givenFor(
  env: Environment,
  path: string[],
): { text: string; variable: string } | undefined {
  const name = variableOf(path);
  const [text, file] = [env[name] ?? '', env[name + fileSuffix] ?? ''];
  if (file === '') return text === '' ? undefined : { text, variable: name };
  const setting = path.join('.');
  if (text !== '') {
    const reason = `${name} and ${name + fileSuffix} are both given, and one is enough`;
    throw new LikewiseError('CONFIG_INVALID', { setting, reason });
  }
  const variable = name + fileSuffix;
  let held: string;
  try {
    held = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const reason = `${variable}: ${(cause as Error).message}`;
    throw new LikewiseError('CONFIG_INVALID', { setting, reason }, { cause });
  }
  if (held !== '') return { text: held, variable };
  throw new LikewiseError('CONFIG_INVALID', { setting, reason: `${variable}: ${file} is empty` });
}

/** A variable that means nothing is a setting that somebody believes is set. */
function refuseUnknown(env: Environment, variables: readonly string[]): void {
  const known = new Set([...variables, ...variables.map((name) => name + fileSuffix), ...others]);
  for (const [setting, text] of Object.entries(env)) {
    if (!setting.startsWith(prefix) || !text || known.has(setting)) continue;
    const meant = setting.endsWith(fileSuffix)
      ? nearest(setting, [...known])
      : nearest(setting, [...variables, ...others]);
    const reason = `there is no setting of this name; ${meant} is the nearest`;
    throw new LikewiseError('CONFIG_INVALID', { setting, reason });
  }
}

function fromFile(file: string | undefined): Settings {
  if (file === undefined || file === '') return {};
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isSettings(settings)) return settings;
    throw new TypeError('it holds no settings');
  } catch (cause) {
    // Of a text that is no JSON the parser's message shows a part, which may be a secret.
    const told = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message;
    const reason = `${file}: ${told}`;
    throw new LikewiseError('CONFIG_INVALID', { setting: `${prefix}CONFIG`, reason });
  }
}

/** Text to the default's type; what does not fit is left for the schema to refuse by name. */
function parse(text: string, example: unknown): unknown {
  if (Array.isArray(example)) return text.split(',').map((part) => parse(part, example[0]));
  const word = text.trim();
  if (typeof example === 'boolean') {
    if (/^(?:true|1)$/i.test(word)) return true;
    return /^(?:false|0)$/i.test(word) ? false : text;
  }
  return typeof example === 'number' && word !== '' ? Number(text) : text;
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

/** Names the setting and what it takes. What it was is not said: it may be a secret gone astray. */
function refusal(issue: z.core.$ZodIssue | undefined, given: Map<string, string>): LikewiseError {
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    const setting = [...path, name].join('.');
    const names = namesUnder(path);
    const meant = [...path, nearest(name, names)].join('.');
    const reason = `there is no setting of this name; ${meant} is the nearest of ${names.join(', ')}`;
    return new LikewiseError('CONFIG_INVALID', { setting, reason });
  }
  const setting = path.join('.') || 'at the top';
  const group = path.filter((name) => typeof name !== 'number').join('.');
  const variable = given.get(group);
  const also = variable && accepted(path) === 'true or false' ? ' (or 1 or 0)' : '';
  const reason = `${variable ?? 'it'} takes ${accepted(path)}${also}`;
  return new LikewiseError('CONFIG_INVALID', { setting, reason });
}
