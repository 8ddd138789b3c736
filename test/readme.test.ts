import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { usage } from '../src/cli/options.ts';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('what the documentation says is there', () => {
  test.each(['README.md', 'CONTRIBUTING.md', 'samples/README.md'])('links in %s', (page) => {
    const text = readFileSync(page, 'utf8');
    const folder = page.includes('/') ? 'samples/' : '';
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(folder + link), `${page} links to ${link}`).toBe(true);
    }
  });

  test('scripts of README and CONTRIBUTING', () => {
    const text = readme + readFileSync('CONTRIBUTING.md', 'utf8');
    for (const [, name = ''] of text.matchAll(/npm run (?:--silent )?([a-z\d:]+)/g)) {
      expect(scripts, `npm run ${name}`).toHaveProperty([name]);
    }
  });

  test('options of the command line, in README and --help alike', () => {
    const listed = (text: string) =>
      new Set(
        [...text.matchAll(/--[a-z]+/g)].map(([flag]) => flag).filter((flag) => flag !== '--silent'),
      );
    const table = readme.slice(readme.indexOf('| option |'), readme.indexOf('Defaults can be set'));
    const help = listed(usage);
    help.delete('--help');
    expect(listed(table)).toEqual(help);
  });
});
