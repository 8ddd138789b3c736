import type { Interaction } from 'discord.js';
import { chat, complete } from './chat.ts';
import type { Desk } from './desk.ts';
import { menu } from './menu.ts';
import { press, submit } from './presses.ts';
import { refusedFor } from './wire.ts';

/** Answers whatever members do; what fails is logged, and ends nothing else. */
export async function dispatch(desk: Desk, interaction: Interaction): Promise<void> {
  try {
    if (interaction.isAutocomplete()) await complete(desk, interaction);
    else if (interaction.isChatInputCommand()) await chat(desk, interaction);
    else if (interaction.isMessageContextMenuCommand()) await menu(desk, interaction);
    else if (interaction.isModalSubmit()) await submit(desk, interaction);
    else if (interaction.isMessageComponent()) await press(desk, interaction);
  } catch (error) {
    const { id, type } = interaction;
    const message = refusedFor(error, ['late', 'answered'])
      ? 'an interaction came too late to be answered'
      : 'an interaction was not answered';
    desk.log({ err: error, interaction: id, type }, message);
  }
}
