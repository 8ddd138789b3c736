import { Presets, SingleBar } from 'cli-progress';
import { inMegabytes } from './model/words.ts';

/**
 * A bar of bytes on a terminal; nothing where nobody watches.
 * @param more what the line says besides, `{name}` for what `show` is told
 */
export function downloadBar(stream: NodeJS.WriteStream, more = '') {
  const bar =
    stream.isTTY &&
    new SingleBar(
      {
        stream,
        format: `{bar} {percentage}%  {have} of {all}${more}`,
        barsize: 28,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // Ctrl-C is the command's to handle
      },
      Presets.rect,
    );
  let started = false;
  return {
    show(bytes: number, total: number, besides: Readonly<Record<string, string>> = {}) {
      if (!bar) return;
      const told = { have: inMegabytes(bytes), all: inMegabytes(total), ...besides };
      if (!started) bar.start(total, bytes, told);
      started = true;
      bar.setTotal(total);
      bar.update(bytes, told);
    },
    stop() {
      if (bar && started) bar.stop();
      started = false;
    },
  };
}
