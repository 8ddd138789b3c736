/**
 * Files that want to do harm, for `bench:intake`:
 *
 *     node bench/intake/hostile.ts OUT
 *
 * Each run writes the same files. They lie in folders named by what must become of them: `read`, or
 * the code of the refusal; in `either`, where it depends on the place of the damage, any answer will
 * do but a crash or a silence. All are made by the code beside this file, none comes from elsewhere:
 *
 * - `hostile/damaged.ts`: nine good files of the four formats (baseline, progressive, palette,
 *   interlaced 16-bit, lossy, lossless, animated …), each cut after each of its first 32 bytes and at
 *   48 places further on, with one byte changed at 60 places, with 16 bytes of noise at 30, with a
 *   piece taken out or put in twice at 10; noise after a good head; noise alone.
 * - `hostile/bombs.ts`: small files that unpack to much: 256 million pixels, interlaced 16-bit,
 *   headers that lie about their size in all formats, compressed text and colour profiles of 64 MB
 *   of zeros, thousands of frames, of chunks, of scans; and large ones within the limits.
 * - `hostile/disguised.ts`: one format under another's name, two formats in one file (script, web
 *   page or archive before, within or after a picture), formats that are not read: SVG with script,
 *   outside references and entities that multiply, HEIC, AVIF, TIFF, PDF, videos, archives …
 * - `hostile/unusual.ts`: EXIF orientations 1 to 8 and ones there are not, broken EXIF, colour
 *   profiles that are cut, of noise or of the wrong kind, CMYK, 1 to 16 bits, palettes, transparency,
 *   animations, extreme sizes and shapes, files of nothing, of one byte, of too many.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, runCommand } from '../../src/cli/command.ts';
import { wrong } from '../common/arguments.ts';
import { bombs } from './hostile/bombs.ts';
import { damaged } from './hostile/damaged.ts';
import { disguised } from './hostile/disguised.ts';
import type { Hostile } from './hostile/made.ts';
import { unusual } from './hostile/unusual.ts';

const usage = `Writes files that want to do harm, for bench:intake.

  node bench/intake/hostile.ts OUT
`;

const hostile: Command = async (args, { stdout, signal }) => {
  const [out] = args;
  if (out === '--help') return void stdout.write(usage);
  if (args.length !== 1 || !out || out.startsWith('-')) throw wrong('name one folder to write to');
  const files: Record<string, number> = {};
  let bytes = 0;
  for (const group of [disguised, unusual, bombs, damaged]) {
    for await (const file of group() as AsyncIterable<Hostile>) {
      signal.throwIfAborted();
      const path = join(out, file.outcome, file.name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.bytes);
      files[file.outcome] = (files[file.outcome] ?? 0) + 1;
      bytes += file.bytes.length;
    }
  }
  const total = Object.values(files).reduce((sum, count) => sum + count, 0);
  stdout.write(`${JSON.stringify({ out, total, bytes, files }, null, 2)}\n`);
};

await runCommand(hostile);
