import { SingleBar } from 'cli-progress';

/** How far a run is: a bar with the time left on a terminal, a line now and then elsewhere. */
export interface ProgressLine {
  update(done: number, note?: string): void;
  stop(): void;
}

/** @param every seconds between lines where there is no terminal */
export function progressLine(
  title: string,
  total: number,
  done: number,
  stream: NodeJS.WriteStream = process.stderr,
  every = 30,
): ProgressLine {
  if (stream.isTTY) {
    const format = `${title} {bar} {value}/{total} {note}  {duration_formatted} gone, {eta_formatted} left`;
    const bar = new SingleBar({ format, stream, hideCursor: true, barsize: 24, etaBuffer: 20 });
    bar.start(total, done, { note: '' });
    return {
      update: (value, note = '') => bar.update(value, { note }),
      stop: () => bar.stop(),
    };
  }
  const began = Date.now();
  let last = began;
  return {
    update(value, note = '') {
      if (Date.now() - last < every * 1000 && value < total) return;
      last = Date.now();
      const seconds = (last - began) / 1000;
      const left = (seconds / Math.max(1, value - done)) * (total - value);
      stream.write(`${title} ${value}/${total} ${note}, ${clock(left)} left\n`);
    },
    stop() {},
  };
}

/** Seconds for people: 45 s, 12 min, 3.5 h. */
export function clock(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
