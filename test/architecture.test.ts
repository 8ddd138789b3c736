import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What each room may and may not import: every line is linted as a file of its own. */
const imports: [file: string, specifier: string, verdict: 'refused' | 'allowed'][] = [
  // Only onnx/ imports the runtime and the protobuf library.
  ['src/engine/models/a.ts', 'onnxruntime-node', 'refused'],
  ['src/engine/autodiff/a.ts', 'onnxruntime-node', 'refused'],
  ['src/engine/intake/a.ts', 'onnxruntime-node', 'refused'],
  ['src/engine/jobs/c.ts', 'onnxruntime-common', 'refused'],
  ['src/cli/a.ts', 'onnxruntime-node', 'refused'],
  ['src/commands/a.ts', 'onnxruntime-node', 'refused'],
  ['src/engine/models/b.ts', 'protobufjs', 'refused'],
  ['src/engine/onnx/a.ts', 'onnxruntime-node', 'allowed'],
  ['src/engine/onnx/b.ts', 'protobufjs', 'allowed'],
  // Only intake/ and render/ import sharp.
  ['src/engine/onnx/c.ts', 'sharp', 'refused'],
  ['src/engine/autodiff/b.ts', 'sharp', 'refused'],
  ['src/engine/synthesis/a.ts', 'sharp', 'refused'],
  ['src/engine/pipeline/a.ts', 'sharp', 'refused'],
  ['src/cli/b.ts', 'sharp', 'refused'],
  ['src/bots/web/a.ts', 'sharp', 'refused'],
  ['config/a.ts', 'sharp', 'refused'],
  ['src/engine/intake/b.ts', 'sharp', 'allowed'],
  ['src/engine/render/b.ts', 'sharp', 'allowed'],
  // Only hub/ fetches models.
  ['src/engine/models/e.ts', '@huggingface/hub', 'refused'],
  ['src/cli/e.ts', '@huggingface/hub', 'refused'],
  ['src/engine/hub/a.ts', '@huggingface/hub', 'allowed'],
  ['src/engine/hub/b.ts', 'sharp', 'refused'],
  // A platform's library stays in its folder.
  ['src/bots/port.ts', 'discord.js', 'refused'],
  ['src/commands/b.ts', '@slack/bolt', 'refused'],
  ['src/engine/jobs/a.ts', 'hono', 'refused'],
  ['src/engine/server.ts', 'hono/streaming', 'allowed'],
  ['src/engine/server/a.ts', 'hono', 'allowed'],
  ['src/engine/autodiff/c.ts', 'discord.js', 'refused'],
  ['src/cli/c.ts', 'discord.js', 'refused'],
  ['src/main.ts', 'discord.js', 'refused'],
  ['src/commands/g.ts', '@slack/web-api', 'refused'],
  ['src/bots/web/b.ts', 'discord.js', 'refused'],
  ['src/bots/web/c.ts', '@slack/bolt', 'refused'],
  ['src/bots/web/d.ts', 'hono', 'allowed'],
  ['src/bots/discord/a.ts', 'discord.js', 'allowed'],
  ['src/bots/discord/definitions/a.ts', 'discord.js', 'allowed'],
  ['src/bots/discord/c.ts', '@slack/bolt', 'refused'],
  ['src/bots/discord/d.ts', '@slack/web-api', 'refused'],
  ['src/bots/discord/e.ts', '../../engine/client.ts', 'refused'],
  ['src/bots/discord/f.ts', 'hono', 'refused'],
  ['src/bots/slack/b.ts', '@slack/bolt', 'allowed'],
  ['src/bots/slack/c.ts', '@slack/web-api', 'allowed'],
  ['src/bots/slack/d.ts', 'discord.js', 'refused'],
  ['test/bots/discord/a.test.ts', 'discord.js', 'allowed'],
  ['bench/b.ts', 'discord.js', 'allowed'],
  // bots -> commands -> engine/client: nothing under engine/ looks up, nothing outside looks in.
  ['src/engine/jobs/b.ts', '../../bots/port.ts', 'refused'],
  ['src/engine/models/c.ts', '../../commands/analogy.ts', 'refused'],
  ['src/engine/pipeline/b.ts', '../../cli/options.ts', 'refused'],
  ['src/engine/onnx/d.ts', '../../bots/port.ts', 'refused'],
  ['src/bots/slack/a.ts', '../../engine/client.ts', 'refused'],
  ['src/bots/a.ts', '../engine/client.ts', 'refused'],
  ['src/commands/c.ts', '../engine/models/model.ts', 'refused'],
  ['src/commands/d.ts', '../bots/port.ts', 'refused'],
  ['src/cache/a.ts', '../engine/onnx/tensor.ts', 'refused'],
  ['src/commands/e.ts', '../engine/client.ts', 'allowed'],
  ['src/commands/f.ts', '../engine/protocol.ts', 'allowed'],
  ['src/bots/discord/b.ts', '../../commands/analogy.ts', 'allowed'],
  // onnx/ is the bottom; autodiff/ stands on it alone; intake/ and render/ deal in pictures only.
  ['src/engine/onnx/e.ts', '../autodiff/index.ts', 'refused'],
  ['src/engine/onnx/f.ts', '../models/model.ts', 'refused'],
  ['src/engine/autodiff/d.ts', '../models/model.ts', 'refused'],
  ['src/engine/autodiff/rules/a.ts', '../../inversion/index.ts', 'refused'],
  ['src/engine/autodiff/e.ts', '../../errors.ts', 'refused'],
  ['src/engine/intake/c.ts', '../onnx/tensor.ts', 'refused'],
  ['src/engine/render/c.ts', '../models/model.ts', 'refused'],
  ['src/engine/inversion/a.ts', '../onnx/session.ts', 'refused'],
  ['src/engine/synthesis/b.ts', '../autodiff/index.ts', 'refused'],
  ['src/engine/pipeline/c.ts', '../intake/index.ts', 'refused'],
  ['src/engine/pipeline/d.ts', '../inversion/index.ts', 'allowed'],
  ['src/engine/models/d.ts', '../onnx/index.ts', 'allowed'],
  ['src/engine/autodiff/f.ts', '../onnx/tensor.ts', 'allowed'],
  ['src/engine/autodiff/rules/b.ts', '../../onnx/tensor.ts', 'allowed'],
  ['src/engine/render/d.ts', '../intake/index.ts', 'allowed'],
  // What measures and makes may look anywhere.
  ['test/engine/render/a.test.ts', 'sharp', 'allowed'],
  ['bench/a.ts', '../src/engine/onnx/session.ts', 'allowed'],
  ['training/a.ts', 'sharp', 'allowed'],
];

const root = process.cwd();

describe('import rules', () => {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-rules-'));
  const caught = new Set<string>();

  beforeAll(() => {
    // The rules as they stand, on a tree of made-up files; git's ignore list plays no part in it.
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(dir, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    cpSync(join(root, 'package.json'), join(dir, 'package.json'));
    for (const [file, specifier] of imports) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), `import x from '${specifier}';\nconsole.log(x);\n`);
    }
    for (const { category, location } of lint(dir)) {
      if (category === 'lint/style/noRestrictedImports') caught.add(location.path);
    }
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each(imports)('%s: import of %s is %s', (file, _, verdict) => {
    expect(caught.has(file) ? 'refused' : 'allowed').toBe(verdict);
  });
});

test('no module is longer than 350 lines', () => {
  const long = ['src', 'config', 'bench', 'training']
    .flatMap((folder) => typescriptFiles(folder))
    .filter((file) => readFileSync(file, 'utf8').split('\n').length > 351);
  expect(long).toEqual([]);
});

interface Diagnostic {
  category: string;
  location: { path: string };
}

/** Biome exits with 1 where it finds something: the findings are on stdout all the same. */
function lint(cwd: string): Diagnostic[] {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  try {
    return JSON.parse(execFileSync(process.execPath, args, { cwd, stdio: 'pipe' }).toString())
      .diagnostics;
  } catch (error) {
    return JSON.parse((error as { stdout: Buffer }).stdout.toString()).diagnostics;
  }
}

function typescriptFiles(folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name));
  } catch {
    return []; // a room that is not built yet
  }
}
