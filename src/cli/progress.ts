import { Presets, SingleBar } from 'cli-progress';
import type { AnalogyProgress } from '../engine/pipeline/index.ts';

export interface ProgressView {
  show(progress: AnalogyProgress): void;
  /** Takes the bar away. */
  stop(): void;
}

const phases: Record<string, string> = {
  tokens: 'what it shows',
  noise: 'how to draw it again',
  refine: 'how to draw it again, better',
  render: "drawing B'",
};

/** A bar on a terminal; nothing where nobody watches. It writes to stderr: stdout is for results. */
export function progressView(stream: NodeJS.WriteStream): ProgressView {
  if (!stream.isTTY) return { show() {}, stop() {} };
  const bar = new SingleBar(
    {
      stream,
      format: '{bar} {percentage}%  {what}  {duration_formatted}',
      barsize: 28,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false, // Ctrl-C is the command's to handle
    },
    Presets.rect,
  );
  bar.start(1, 0, { what: 'opening the model' });
  return {
    show: (progress) => bar.update(progress.fraction, { what: describeProgress(progress) }),
    stop: () => bar.stop(),
  };
}

/** What is being done, in a few words: `A': what it shows`. */
export function describeProgress({ role, phase }: Pick<AnalogyProgress, 'role' | 'phase'>): string {
  const what = phases[phase] ?? phase;
  return role === undefined ? what : `${role}: ${what}`;
}
