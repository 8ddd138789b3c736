import { DiscordAPIError } from 'discord.js';
import type { AnswerRecord } from '../../../src/bots/discord/store.ts';
import type { Wire } from '../../../src/bots/discord/wire.ts';

/** A wire that notes what is asked of it, and refuses what it is told to. */
export function notedWire() {
  const asked: string[] = [];
  const refusals = new Map<keyof Wire, number[]>();
  const answer = async (name: keyof Wire, about = '') => {
    asked.push(about === '' ? name : `${name} ${about}`);
    const code = refusals.get(name)?.shift();
    if (code !== undefined) throw refusal(code);
  };
  const wire: Wire = {
    async defer(_, ephemeral) {
      await answer('defer', ephemeral ? 'ephemeral' : '');
      return undefined;
    },
    deferUpdate: () => answer('deferUpdate'),
    modal: () => answer('modal'),
    choices: () => answer('choices'),
    async editOriginal(_, message) {
      await answer('editOriginal', textOf(message.components));
      return { channel: 'c', message: 'm' };
    },
    deleteOriginal: () => answer('deleteOriginal'),
    whisper: () => answer('whisper'),
    edit: ({ channel, message }) => answer('edit', `${channel}/${message}`),
    delete: ({ channel, message }) => answer('delete', `${channel}/${message}`),
    async post(channel, _, under) {
      await answer('post', under === undefined ? channel : `${channel} under ${under}`);
      return { channel, message: 'fresh' };
    },
    async direct(user) {
      await answer('direct', user);
      return 'dm';
    },
  };
  return {
    wire,
    asked,
    /** The next calls of this kind are refused by these codes, in turn. */
    refuse(name: keyof Wire, ...refused: number[]) {
      refusals.set(name, refused);
    },
  };
}

export function refusal(code: number): DiscordAPIError {
  const raw = { code, message: `refused by ${code}` };
  return new DiscordAPIError(raw, code, 400, 'POST', 'http://127.0.0.1/', { files: [], body: {} });
}

export function textOf(components: unknown): string {
  if (Array.isArray(components)) return components.map(textOf).filter(Boolean).join(' ');
  if (typeof components !== 'object' || components === null) return '';
  const { content, components: inner } = components as { content?: string; components?: unknown };
  return [content, textOf(inner)].filter(Boolean).join(' ');
}

export const record: AnswerRecord = {
  interaction: 'i1',
  tenant: 'discord:1',
  user: 'u1',
  roles: ['r'],
  locale: 'en-US',
  channel: 'c',
  guild: '1',
  token: 'secret-token',
  tokenUntil: 1000,
  private: false,
  limit: 1e6,
  told: false,
};
