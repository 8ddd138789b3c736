import { type APIMessage, type Client, type Interaction, MessageFlags, Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { COMMANDS, connect, gallery, open, picture, row, SLOW, shows, text } from './small-bot.ts';

const modal = {
  custom_id: 'more',
  title: 'Another pair',
  components: [
    { type: 10, content: 'Two pictures' },
    { type: 18, label: 'Pictures', component: { type: 19, custom_id: 'files', max_values: 2 } },
    {
      type: 18,
      label: 'Note',
      component: { type: 4, custom_id: 'note', style: 1, required: false },
    },
    {
      type: 18,
      label: 'Size',
      component: {
        type: 3,
        custom_id: 'size',
        options: [
          { label: 'Small', value: 's', default: true },
          { label: 'Large', value: 'l' },
        ],
      },
    },
  ],
};

async function bot(interaction: Interaction, client: Client): Promise<void> {
  if (interaction.isAutocomplete()) {
    const value = interaction.options.getFocused();
    await interaction.respond([{ name: `${value}!`, value }]);
  } else if (interaction.isChatInputCommand()) {
    const image = interaction.options.getAttachment('image', true);
    await interaction.deferReply();
    const bytes = Buffer.from(await (await fetch(image.url)).arrayBuffer());
    await interaction.editReply({
      flags: MessageFlags.IsComponentsV2,
      components: [
        text(`${image.name}, ${image.size} bytes`),
        gallery(image.name),
        row('on', 'add'),
      ],
      files: [{ attachment: bytes, name: image.name }],
    });
  } else if (interaction.isButton() && interaction.customId === 'on') {
    const { message } = interaction;
    const [kept] = message.attachments.values();
    await interaction.update({
      components: [gallery(String(kept?.name)), gallery('second.png'), row('add')],
      files: [{ attachment: Buffer.from('2'), name: 'second.png' }],
      attachments: kept ? [kept] : [],
    });
  } else if (interaction.isButton()) {
    await interaction.showModal(modal);
  } else if (interaction.isModalSubmit()) {
    const files = interaction.fields.getUploadedFiles('files', true);
    const note = interaction.fields.getTextInputValue('note');
    const size = interaction.fields.getStringSelectValues('size');
    const names = files.map((file) => file.name).join(', ');
    const response = await interaction.reply({
      flags: MessageFlags.IsComponentsV2,
      components: [text(`${names}; ${note}; ${size.join()}`)],
      withResponse: true,
    });
    await interaction.followUp({
      flags: MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral,
      components: [text('Only you see this')],
    });
    await client.rest.patch(
      Routes.channelMessage(String(interaction.channelId), String(response.resource?.message?.id)),
      { body: { components: [text('edited with the token of the bot')] } },
    );
  } else if (interaction.isMessageContextMenuCommand()) {
    const shown = interaction.targetMessage.attachments.first();
    await interaction.reply({
      flags: MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral,
      components: [text(`target ${interaction.targetMessage.id} ${shown?.name}`)],
    });
  }
}

test('a whole conversation goes through, and every body is right', async () => {
  const discord = await open();
  const { errors } = await connect(discord, bot);
  const { alice, bob } = discord.users;
  await discord.register(COMMANDS, null);

  const typed = discord.autocomplete(alice, 'echo', { option: 'text', value: 'ab' });
  expect((await typed.answered()).data.choices).toEqual([{ name: 'ab!', value: 'ab' }]);

  const echo = discord.slash(
    alice,
    'echo',
    { strength: 1.5 },
    { attachments: { image: picture('a.png') } },
  );
  expect((await echo.answered()).type).toBe(5);
  const reply = await echo.until((message) => shows(message, 'a.png, 5 bytes'));
  expect(reply.flags).toBe(MessageFlags.IsComponentsV2);
  expect(reply.edited_timestamp).toBeNull();
  const [file] = reply.attachments;
  expect(file).toMatchObject({ filename: 'a.png', size: 5, content_type: 'image/png' });
  expect(shows(reply, String(file?.url))).toBe(true);
  expect(shows(reply, 'attachment://')).toBe(false);
  expect(new TextDecoder().decode(discord.file(String(file?.url)))).toBe('a.png');
  const served = await fetch(String(file?.url));
  expect([served.headers.get('content-type'), await served.text()]).toEqual(['image/png', 'a.png']);

  const on = discord.press(bob, reply, 'on');
  const both = await on.until((message) => message.attachments.length === 2);
  expect(both.id).toBe(reply.id);
  expect(both.attachments.map((one) => one.filename)).toEqual(['a.png', 'second.png']);
  expect(both.attachments[0]?.id).toBe(file?.id);
  expect(() => discord.press(bob, both, 'on')).toThrow('There is no on');

  const add = discord.press(alice, both, 'add');
  expect((await add.answered()).data.title).toBe('Another pair');
  expect(() => discord.submit(bob, 'more')).toThrow('No modal more is open');
  expect(() => discord.submit(alice, 'more')).toThrow('files takes 1 to 2');
  const submitted = discord.submit(
    alice,
    'more',
    { note: 'hm', size: 'l' },
    {
      files: [picture('b.png'), picture('c.png')],
    },
  );
  const secret = await submitted.followUp();
  expect(secret.flags).toBe(MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral);
  const edited = await submitted.until((message) => shows(message, 'token of the bot'));
  const first = discord.requests.find(
    ({ body }) => JSON.stringify(body)?.includes('b.png, c.png; hm; l') === true,
  );
  expect(first?.query).toEqual({ with_response: 'true' });
  expect(discord.messages().map((one) => one.id)).toEqual([reply.id, edited.id]);

  const used = discord.messageCommand(bob, 'Use this', both);
  expect(await used.until((message) => shows(message, `target ${both.id} a.png`))).toBeDefined();
  expect(() => discord.press(alice, used.reply() as APIMessage, 'x')).toThrow('does not see');

  expect(errors).toEqual([]);
  expect(discord.violations()).toEqual([]);
  expect(discord.requests.filter((one) => one.status >= 400)).toEqual([]);
});

test('DMs and foreign guilds have interactions without a guild of the bot', async () => {
  const discord = await open();
  const seen: unknown[] = [];
  const { client } = await connect(discord, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    const { guildId, context, authorizingIntegrationOwners: owners } = interaction;
    seen.push([
      guildId === discord.guildId,
      context,
      Object.keys(owners),
      interaction.inCachedGuild(),
    ]);
    await interaction.reply({ flags: 1 << 15, components: [text(interaction.locale)] });
  });
  const { alice, bob } = discord.users;
  await discord.register(COMMANDS, null);
  const image = { attachments: { image: picture('a.png') } };
  await discord
    .slash(alice, 'echo', {}, { ...image, dm: true, locale: 'de' })
    .until((one) => shows(one, 'de'));
  const foreign = discord.slash(alice, 'echo', {}, { ...image, userInstalled: true });
  const reply = await foreign.until((message) => shows(message, 'en-US'));
  await discord.slash(alice, 'echo', {}, image).until((message) => shows(message, 'en-US'));
  expect(seen.map((one) => (one as unknown[]).filter((_, index) => index !== 2))).toEqual([
    [false, 1, false],
    [false, 0, false],
    [true, 0, true],
  ]);
  expect(discord.dms(alice).map((one) => shows(one, 'de'))).toEqual([true]);

  const edit = client.rest.patch(Routes.channelMessage(reply.channel_id, reply.id), {
    body: { components: [text('no')] },
  });
  await expect(edit).rejects.toMatchObject({ status: 403, code: 50001 });
  await (await client.users.fetch(bob.id)).send({ flags: 1 << 15, components: [text('Hello')] });
  expect(discord.dms(bob)).toHaveLength(1);
  discord.refuseDms(bob);
  const refused = (await client.users.fetch(bob.id)).send({
    flags: 1 << 15,
    components: [text('!')],
  });
  await expect(refused).rejects.toMatchObject({ code: 50007 });
  expect(discord.violations()).toEqual([]);
});

test('members choose, post pictures, and delete', async () => {
  const discord = await open();
  const { errors } = await connect(discord, async (interaction) => {
    if (interaction.isMessageContextMenuCommand()) {
      const [file] = interaction.targetMessage.attachments.values();
      const options = ['one', 'two'].map((value) => ({ label: value, value }));
      await interaction.reply({
        flags: MessageFlags.IsComponentsV2,
        components: [
          text(`${file?.name} ${file?.contentType}`),
          { type: 1, components: [{ type: 3, custom_id: 'pick', options }] },
        ],
      });
    } else if (interaction.isStringSelectMenu()) {
      await interaction.deferUpdate();
      await interaction.editReply({ components: [text(`chose ${interaction.values.join()}`)] });
      await interaction.deleteReply();
    }
  });
  const { alice, bob } = discord.users;
  await discord.register(COMMANDS, null);
  const posted = discord.post(alice, 'Look', [picture('cat.webp')], discord.otherChannelId);
  const used = discord.messageCommand(bob, 'Use this', posted);
  const menu = await used.until((message) => shows(message, 'cat.webp image/webp'));
  expect(menu.channel_id).toBe(discord.otherChannelId);
  expect(() => discord.select(bob, menu, 'pick', ['three'])).toThrow('does not offer three');
  const chosen = discord.select(bob, menu, 'pick', ['two']);
  expect((await chosen.answered()).type).toBe(6);
  await expect.poll(() => discord.message(menu.id), SLOW).toBeUndefined();
  expect(discord.requests.map(({ method }) => method).slice(-3)).toEqual([
    'POST',
    'PATCH',
    'DELETE',
  ]);
  expect(() => discord.select(bob, menu, 'pick', ['two'])).toThrow('gone');
  expect(discord.messages(discord.otherChannelId)).toEqual([posted]);
  const gone = await fetch(String(posted.attachments[0]?.url).replace('cat', 'dog'));
  expect(gone.status).toBe(404);
  expect(errors).toEqual([]);
  expect(discord.violations()).toEqual([]);
});
