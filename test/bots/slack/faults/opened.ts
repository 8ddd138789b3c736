import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { steppedEngine } from '../../discord/stepped-engine.ts';
import { openStage, type StageOptions } from '../stage.ts';

/** A bot of one test's own; its messages are within Slack's limits to the end. */
export async function opened(options: Partial<StageOptions> = {}) {
  const engine = steppedEngine();
  const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
  const stage = await openStage({ engine, folder, ...options });
  onTestFinished(async () => {
    const wrong = stage.slack.violations();
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
    expect(wrong).toEqual([]);
  });
  const { slack } = stage;
  return { stage, slack, engine, folder, ...slack.users, channels: slack.channels };
}

export type Opened = Awaited<ReturnType<typeof opened>>;

/** Milliseconds in which what must not come would have come. */
export const while_ = (milliseconds = 300) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
