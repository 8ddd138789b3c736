import { expect } from 'vitest';
import { sent } from '../../commands/scripted-platform.ts';
import { commandsContract } from '../../contracts/commands.ts';
import { discordPlatform } from './discord-platform.ts';

commandsContract(
  'The Discord bot',
  async (engine) => {
    const platform = await discordPlatform(engine);
    return {
      ...platform,
      async close() {
        const wrong = platform.stage.discord.violations();
        await platform.close();
        expect(wrong).toEqual([]);
      },
    };
  },
  sent,
);
