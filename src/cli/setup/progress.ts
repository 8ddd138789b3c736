import { Presets, SingleBar } from 'cli-progress';
import { inMegabytes } from '../model/words.ts';

/** A bar on a terminal; nothing where nobody watches. */
export function downloadBar(stream: NodeJS.WriteStream) {
  const bar =
    stream.isTTY &&
    new SingleBar(
      {
        stream,
        format: '{bar} {percentage}%  {have} of {all}',
        barsize: 28,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // Ctrl-C is the command's to handle
      },
      Presets.rect,
    );
  let started = false;
  return {
    show(bytes: number, total: number) {
      if (!bar) return;
      const told = { have: inMegabytes(bytes), all: inMegabytes(total) };
      if (!started) bar.start(total, bytes, told);
      started = true;
      bar.update(bytes, told);
    },
    stop() {
      if (bar && started) bar.stop();
      started = false;
    },
  };
}
