import { type APIMessage, Client, GatewayIntentBits, type Interaction } from 'discord.js';
import { expect, onTestFinished } from 'vitest';
import { type Discord, type DiscordOptions, openDiscord } from './driver.ts';

export const picture = (name: string, text = name) => ({
  name,
  bytes: new TextEncoder().encode(text),
});
export const COMMANDS = [
  {
    name: 'echo',
    description: 'Gives a picture back',
    options: [
      { type: 11, name: 'image', description: 'A picture', required: true },
      { type: 3, name: 'text', description: 'A text', autocomplete: true },
      { type: 10, name: 'strength', description: 'A number', min_value: 0, max_value: 2 },
    ],
    contexts: [0, 1, 2],
    integration_types: [0, 1],
  },
  { name: 'Use this', type: 3, contexts: [0, 1, 2], integration_types: [0, 1] },
];
export const text = (content: string) => ({ type: 10, content });
export const gallery = (name: string) => ({
  type: 12,
  items: [{ media: { url: `attachment://${name}` }, description: `the picture ${name}` }],
});
export const row = (...ids: string[]) => ({
  type: 1,
  components: ids.map((id) => ({ type: 2, style: 1, label: id, custom_id: id })),
});

/** Of a poll, in milliseconds: the machine may be busy. */
export const SLOW = { timeout: 20_000 };

/** Open until the test ends. Nothing depends on how fast the machine is: it may answer slowly. */
export async function open(options: DiscordOptions = { answerWithin: 60_000 }): Promise<Discord> {
  const discord = await openDiscord(options);
  onTestFinished(discord.close);
  return discord;
}

/** A client that hands each interaction to the test's own bot. */
export async function connect(
  discord: Discord,
  bot: (interaction: Interaction, client: Client) => Promise<unknown>,
): Promise<{ client: Client; errors: unknown[] }> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: discord.restUrl, version: '10', retries: 0 },
    allowedMentions: { parse: [] },
  });
  onTestFinished(() => client.destroy());
  const errors: unknown[] = [];
  client.on('interactionCreate', (interaction) => {
    bot(interaction, client).catch((error: unknown) => errors.push(error));
  });
  await client.login(discord.token);
  if (!client.isReady())
    await new Promise<void>((ready) => client.once('clientReady', () => ready()));
  await expect.poll(() => client.guilds.cache.get(discord.guildId)?.available, SLOW).toBe(true);
  return { client, errors };
}

export const shows = (message: APIMessage, part: string) =>
  JSON.stringify(message.components).includes(part);
