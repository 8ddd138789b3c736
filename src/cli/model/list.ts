import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadConfig } from '../../../config/index.ts';
import { isUnfinished, readRecord } from '../../engine/hub/index.ts';
import { isLikewiseError } from '../../errors.ts';
import type { Terminal } from '../command.ts';
import { bytesIn, describeModel } from './describe.ts';
import { inMegabytes, readOptions, wrongUse } from './words.ts';

/** `model list`: the folders under `models/`, and the one that the settings name. */
export async function list(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = readOptions(args, []);
  if (words.length > 0) throw wrongUse(`list takes no "${words[0]}"`);
  const used = resolve(loadConfig(terminal.env).model);
  const rows = foldersWith(used).map((dir) => ({
    mark: resolve(dir) === used ? '*' : ' ',
    name: named(dir),
    what: whatIs(dir),
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { mark, name, what } of rows) {
    terminal.stdout.write(`${mark} ${name.padEnd(width)}  ${what}\n`);
  }
  terminal.stdout.write('\n* is what the settings name: LIKEWISE_MODEL=DIR names another.\n');
}

/** The folders of models, and the one in use wherever it is. */
function foldersWith(used: string): string[] {
  const root = 'models';
  const entries = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  const found = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && entry.name[0] !== '.')
    .map((entry) => join(root, entry.name))
    .sort();
  return found.some((dir) => resolve(dir) === used) ? found : [...found, used];
}

/** As it would be written on the command line. */
function named(dir: string): string {
  const near = relative('.', dir);
  return near.startsWith('..') ? dir : near;
}

function whatIs(dir: string): string {
  if (isUnfinished(dir)) return unfinished(dir);
  try {
    const { kind, bytes, precision, textWidth, source } = describeModel(dir);
    const width = textWidth === undefined ? '' : `, text width ${textWidth}`;
    const from = source ? `, ${source}` : '';
    return `${kind}${width}, ${precision}, ${inMegabytes(bytes)}, complete${from}`;
  } catch (error) {
    if (!isLikewiseError(error) || error.code !== 'MODEL_UNUSABLE') throw error;
    return `cannot be used: ${(error.details as { reason: string }).reason}`;
  }
}

function unfinished(dir: string): string {
  const record = readRecord(dir);
  if (!record) return 'unfinished';
  const total = record.files.reduce((sum, { size }) => sum + size, 0);
  const from = record.revision === 'main' ? '' : ` --revision ${record.revision}`;
  const command = `npm run model -- pull ${record.repo}${from}`;
  return `unfinished, ${inMegabytes(bytesIn(dir))} of ${inMegabytes(total)}: ${command}`;
}
