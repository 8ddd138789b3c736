import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, errors, LikewiseError } from '../src/errors.ts';

const codes = Object.keys(errors) as ErrorCode[];
const page = readFileSync('docs/errors.md', 'utf8');
const sources = ['src', 'config'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'errors.ts')
    .map((name) => readFileSync(join(folder, name), 'utf8')),
);

describe('the error table', () => {
  test.each(codes)('%s is in docs/errors.md as it is here', (code) => {
    const { exit, what, todo } = errors[code];
    expect(page).toContain(`| \`${code}\` | ${exit} | ${what} | ${todo} |\n`);
  });

  test('docs/errors.md lists no other', () => {
    const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(listed).toEqual(codes);
  });

  test.each(codes)('%s is thrown somewhere', (code) => {
    expect(sources.some((source) => source.includes(`'${code}'`))).toBe(true);
  });

  test.each(codes)('%s says what happened and what to do, a sentence each or more', (code) => {
    const { what, todo } = errors[code];
    expect(what).toMatch(/\.$/);
    expect(todo).toMatch(/^[A-Z].*\.$/);
  });
});

describe('LikewiseError', () => {
  test('fills in the details, and keeps code, exit status and cause', () => {
    const cause = new Error('EACCES');
    const error = new LikewiseError(
      'OUTPUT_UNWRITABLE',
      { path: 'grid.png', reason: 'permission denied' },
      { cause },
    );
    expect(error.message).toBe(
      'Cannot write to grid.png: permission denied. ' +
        'Choose another place, or change its permissions.',
    );
    expect(error).toMatchObject({ code: 'OUTPUT_UNWRITABLE', exitStatus: 2, cause });
  });

  test('stays on one line and sends no escape codes, whatever a file is called', () => {
    const { message } = new LikewiseError('PICTURE_EMPTY', {
      picture: 'a\n\u001b[31mb\u2028c.png',
    });
    expect(message).toMatch(/^a \[31mb c\.png is empty/);
  });

  test('does not fill in braces that came with a detail', () => {
    const { message } = new LikewiseError('PICTURE_EMPTY', { picture: '{todo}.png' });
    expect(message).toMatch(/^\{todo\}\.png is empty/);
  });
});
