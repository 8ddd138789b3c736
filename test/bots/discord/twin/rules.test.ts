import { type APIMessage, type Interaction, MessageFlags, Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { COMMANDS, connect, gallery, open, SLOW, shows } from './small-bot.ts';

test("Discord's own rules: time to answer, once, fifteen minutes, ephemeral", async () => {
  const discord = await open();
  const held: Interaction[] = [];
  const { client } = await connect(discord, async (interaction) => void held.push(interaction));
  const { alice } = discord.users;
  await discord.register([{ name: 'wait', description: 'Waits' }]);
  async function next() {
    const act = discord.slash(alice, 'wait');
    await expect.poll(() => held.at(-1)?.id, SLOW).toBe(act.id);
    const interaction = held.at(-1);
    if (!interaction?.isChatInputCommand()) throw new Error('No command came');
    return { act, interaction };
  }
  const answer = { flags: MessageFlags.Ephemeral as const, content: 'Yes' };

  const late = await next();
  discord.advance(61_000);
  await expect(late.interaction.reply(answer)).rejects.toMatchObject({ code: 10062, status: 404 });

  const twice = await next();
  await twice.interaction.reply(answer);
  const again = client.rest.post(Routes.interactionCallback(twice.act.id, twice.act.token), {
    body: { type: 5 },
  });
  await expect(again).rejects.toMatchObject({ code: 40060, status: 400 });
  const secret = twice.act.reply() as APIMessage;
  const byBot = client.rest.patch(Routes.channelMessage(secret.channel_id, secret.id), {
    body: { content: 'No' },
  });
  await expect(byBot).rejects.toMatchObject({ code: 10008 });
  expect(discord.messages()).toEqual([]);

  discord.advance(16 * 60_000);
  await expect(twice.interaction.editReply('No')).rejects.toMatchObject({
    code: 50027,
    status: 401,
  });
  const expired = await next();
  await expired.interaction.deferReply();
  discord.expire(expired.act.token);
  await expect(expired.interaction.editReply('No')).rejects.toMatchObject({ code: 50027 });
  const before = await next();
  await expect(before.interaction.webhook.send('No')).rejects.toMatchObject({ code: 10015 });
});

test('failures that were asked for come as Discord gives them', async () => {
  const discord = await open();
  const { client } = await connect(discord, async () => undefined);
  const path = Routes.channelMessages(discord.channelId);
  const body = { content: 'Hello', allowed_mentions: { parse: [] } };
  discord.fail({ method: 'POST', path: /messages$/, status: 429, retryAfter: 0.05 });
  await client.rest.post(path, { body });
  expect(discord.requests.slice(-2).map((one) => one.status)).toEqual([429, 200]);

  discord.fail({ path: /messages$/, status: 403, code: 50013 });
  await expect(client.rest.post(path, { body })).rejects.toMatchObject({
    code: 50013,
    message: 'Missing Permissions',
  });
  expect(discord.requests.at(-1)).toMatchObject({ status: 403, code: 50013, method: 'POST' });
  discord.fail({ path: /messages$/, status: 503, times: 2 });
  await expect(client.rest.post(path, { body })).rejects.toMatchObject({ status: 503 });
  discord.fail({ path: /nothing/, status: 500 });
  await expect(client.rest.post(path, { body })).rejects.toMatchObject({ status: 503 });
  expect(discord.messages()).toHaveLength(1);
  discord.fail({ path: /messages$/, status: 500, afterwards: true });
  await expect(client.rest.post(path, { body })).rejects.toMatchObject({ status: 500 });
  expect(discord.messages()).toHaveLength(2);
  await expect(client.rest.get(Routes.channelMessage('1', '2'))).rejects.toMatchObject({
    code: 10003,
  });
});

test('a client whose connection was dropped comes back and hears of commands', async () => {
  const discord = await open();
  const { client } = await connect(discord, async (interaction) => {
    if (interaction.isAutocomplete()) await interaction.respond([]);
  });
  await discord.register(COMMANDS, null);
  discord.disconnect();
  await expect.poll(() => discord.connected(), SLOW).toBe(false);
  await expect.poll(() => discord.connected() && client.isReady(), SLOW).toBe(true);
  const typed = discord.autocomplete(discord.users.bob, 'echo', { option: 'text', value: 'x' });
  expect((await typed.answered()).type).toBe(8);
});

test('edits keep what they list, and drop the rest', async () => {
  const discord = await open();
  const { client } = await connect(discord, async () => undefined);
  const send = (name: string) => ({ name, data: Buffer.from(name) });
  const v2 = { flags: 1 << 15, allowed_mentions: { parse: [] } };
  const made = (await client.rest.post(Routes.channelMessages(discord.channelId), {
    body: { ...v2, components: [gallery('a.png'), gallery('b.png')] },
    files: [send('a.png'), send('b.png')],
  })) as APIMessage;
  expect(made.attachments.map((one) => one.filename)).toEqual(['a.png', 'b.png']);
  const path = Routes.channelMessage(made.channel_id, made.id);
  const edited = (await client.rest.patch(path, {
    body: {
      attachments: [{ id: made.attachments[1]?.id }, { id: '0', description: 'new' }],
      components: [gallery('b.png'), gallery('c.png')],
    },
    files: [send('c.png')],
  })) as APIMessage;
  expect(edited.attachments.map((one) => one.filename)).toEqual(['b.png', 'c.png']);
  expect(edited.flags).toBe(1 << 15);
  expect(shows(edited, String(edited.attachments[1]?.url))).toBe(true);
  expect(discord.violations()).toEqual([]);
  await client.rest.patch(path, { body: { attachments: [] } });
  expect(discord.message(made.id)?.attachments).toEqual([]);
  expect(discord.violations()).toHaveLength(2);
  discord.deleteMessage(edited);
  await expect(client.rest.get(path)).rejects.toMatchObject({ code: 10008 });
});

test('commands: ids stay, translations come when they are asked for, and members see theirs', async () => {
  const discord = await open();
  const { client } = await connect(discord, async () => undefined);
  const path = Routes.applicationGuildCommands(discord.applicationId, discord.guildId);
  const secret = {
    name: 'settings',
    name_localizations: { de: 'einstellungen' },
    description: 'For admins',
    default_member_permissions: '32',
    options: [{ type: 5, name: 'on', description: 'On', required: false }],
  };
  const [first] = (await client.rest.put(path, { body: [secret] })) as Record<string, unknown>[];
  const [second] = (await client.rest.put(path, { body: [secret] })) as Record<string, unknown>[];
  expect(second?.id).toBe(first?.id);
  const [bare] = (await client.rest.get(path)) as Record<string, unknown>[];
  expect(bare).not.toHaveProperty('name_localizations');
  const query = new URLSearchParams({ with_localizations: 'true' });
  const [full] = (await client.rest.get(path, { query })) as Record<string, unknown>[];
  expect(full).toMatchObject({ name_localizations: { de: 'einstellungen' }, type: 1 });
  const { alice, admin } = discord.users;
  expect(() => discord.slash(alice, 'settings')).toThrow('hidden from alice');
  expect(() => discord.slash(admin, 'settings', { off: true })).toThrow('no option off');
  expect(() => discord.slash(admin, 'settings', { on: 'yes' })).toThrow('it is a boolean');
  expect(() => discord.slash(admin, 'other')).toThrow('No command other');
  await client.rest.delete(`${path}/${String(first?.id)}`);
  expect(discord.commands()).toEqual([]);
  expect(discord.violations()).toEqual([]);
});

test('the bot sees permissions, roles, age restriction and the limits of files', async () => {
  const discord = await open();
  const seen: unknown[] = [];
  await connect(discord, async (interaction) => {
    if (!interaction.inCachedGuild() || !interaction.isChatInputCommand()) return;
    const { member, memberPermissions: may, channel } = interaction;
    seen.push({
      guild: may.has('ManageGuild'),
      messages: may.has('ManageMessages'),
      send: may.has('SendMessages') && interaction.appPermissions.has('AttachFiles'),
      roles: [...member.roles.cache.keys()].filter((id) => id !== discord.guildId).length,
      nsfw: channel !== null && 'nsfw' in channel && channel.nsfw,
      limit: interaction.attachmentSizeLimit,
      locales: [interaction.locale, interaction.guildLocale],
    });
    await interaction.reply({ content: 'Seen', flags: MessageFlags.Ephemeral });
  });
  await discord.register([{ name: 'look', description: 'Looks' }]);
  const { alice, moderator, admin } = discord.users;
  const common = { send: true, nsfw: false, limit: 10_485_760, locales: ['en-US', 'en-US'] };
  for (const user of [alice, moderator, admin]) await discord.slash(user, 'look').answered();
  await discord
    .slash(
      alice,
      'look',
      {},
      {
        channelId: discord.adultChannelId,
        locale: 'de',
        guildLocale: 'ja',
        attachmentSizeLimit: 5,
      },
    )
    .answered();
  expect(seen).toEqual([
    { ...common, guild: false, messages: false, roles: 0 },
    { ...common, guild: false, messages: true, roles: 1 },
    { ...common, guild: true, messages: false, roles: 1 },
    {
      ...common,
      guild: false,
      messages: false,
      roles: 0,
      nsfw: true,
      limit: 5,
      locales: ['de', 'ja'],
    },
  ]);
  expect(discord.violations()).toEqual([]);
});
