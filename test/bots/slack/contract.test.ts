import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sent } from '../../commands/scripted-platform.ts';
import { commandsContract } from '../../contracts/commands.ts';
import { slackPlatform } from './slack-platform.ts';

commandsContract(
  'The Slack bot',
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
    const platform = await slackPlatform(engine, folder);
    return {
      ...platform,
      async close() {
        const wrong = platform.stage.slack.violations();
        await platform.close();
        rmSync(folder, { recursive: true, force: true });
        expect(wrong).toEqual([]);
      },
    };
  },
  sent,
  { several: 'members of Slack have no roles; faults/channels.test.ts has members and admins' },
);
