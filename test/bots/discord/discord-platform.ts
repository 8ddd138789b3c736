import { setTimeout as sleep } from 'node:timers/promises';
import type { APIMessage } from 'discord.js';
import { calledOn, definitionsOf } from '../../../src/bots/discord/definitions/index.ts';
import { placementOf } from '../../../src/bots/discord/definitions/placements.ts';
import { createDiscordBot } from '../../../src/bots/discord/index.ts';
import type { Bot } from '../../../src/bots/port.ts';
import { createCommands, openSettings } from '../../../src/commands/index.ts';
import type { Commands, LazyFile, View, Views } from '../../../src/commands/port.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Platform, Who } from '../../contracts/commands.ts';
import { openDiscord } from './twin/driver.ts';
import type { Act, Discord, JsonObject, Person, Upload } from './twin/shapes.ts';

const MANAGE_GUILD = 1n << 5n;
const MANAGE_MESSAGES = 1n << 13n;
const optionTypes = { string: 3, boolean: 5, number: 10 } as const;

/** A bot on a Discord to test against, and what it was asked to show. */
export interface Stage {
  readonly discord: Discord;
  readonly commands: Commands;
  /** Views of an interaction, to their end. */
  viewsOf(interaction: string): Promise<View[]>;
  readonly logged: (readonly [message: string, details: unknown])[];
  /** Both clocks, the bot's and Discord's, run ahead by so many milliseconds more. */
  later(milliseconds: number): void;
  /** Stops the bot, and starts another one with the same store and commands. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly engine: Engine;
  /** Of the bot's answers. @default `:memory:` */
  readonly store?: string;
  /** Seconds between edits. @default 0.02 */
  readonly pace?: number;
  /** Connections to the gateway; 0 for as many as Discord recommends. @default 1 */
  readonly shards?: number;
}

export async function openStage({
  engine,
  store = ':memory:',
  pace = 0.02,
  shards = 1,
}: StageOptions): Promise<Stage> {
  // The machine may be busy.
  const discord = await openDiscord({ answerWithin: 60_000 });
  const settings = openSettings(':memory:');
  const logged: (readonly [string, unknown])[] = [];
  let clock = 0;
  const log = (details: unknown, message: string) => void logged.push([message, details]);
  const plain = createCommands({
    engine,
    settings,
    log,
    dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] },
    pictureMegabytes: 1,
  });
  const { commands, viewsOf } = noted(plain);
  const definitions = definitionsOf({ describe: commands.describe });
  await discord.register(definitions);
  // In direct messages, and for whoever added it for themselves.
  await discord.register(definitions, null);
  const start = async (): Promise<Bot> => {
    const bot = createDiscordBot({
      commands,
      log,
      token: discord.token,
      store,
      api: discord.restUrl,
      attachmentHosts: [new URL(discord.restUrl).host],
      megabytes: 1,
      pace,
      shards,
      now: () => Date.now() + clock,
    });
    await bot.start();
    return bot;
  };
  let bot = await start();
  return {
    discord,
    commands,
    viewsOf,
    logged,
    later(milliseconds) {
      clock += milliseconds;
      discord.advance(milliseconds);
    },
    async restart() {
      await bot.stop();
      bot = await start();
    },
    async close() {
      await bot.stop();
      await discord.close();
      settings.close();
    },
  };
}

/** The suite's platform: what members do there, by what Discord sends; views are noted on their way. */
export async function discordPlatform(engine: Engine): Promise<Platform & { stage: Stage }> {
  const stage = await openStage({ engine });
  const { discord, commands } = stage;
  const people = new Map<string, Person>();
  const idsOf = (user: string) => personOf({ user }).id;
  const personOf = ({
    user = 'ada',
    roles = [],
    moderator = false,
    admin = false,
  }: Who): Person => {
    const known = people.get(user) ?? discord.join(user);
    people.set(user, known);
    const more = (moderator ? MANAGE_MESSAGES : 0n) | (admin ? MANAGE_GUILD : 0n);
    return { ...known, roles, permissions: known.permissions | more };
  };
  const acts: Act[] = [];
  const finish = async (act: Act): Promise<View[]> => {
    acts.push(act);
    const views = await stage.viewsOf(act.id);
    await settled(discord, act, views.at(-1));
    return views;
  };
  return {
    stage,
    names: commands.list.map(({ name }) => name),
    idOf: idsOf,
    calledOn,
    roleOf: (role) => (role === '7' ? discord.roles.admins : discord.roles.moderators),
    async run(name, input = {}, who = {}) {
      const user = personOf(who);
      const pairs = await pairsIn(input);
      const data = await commandData(discord, name, input, Object.keys(pairs).length > 0);
      const act = discord.send(user, { type: 2, data });
      if (Object.keys(pairs).length === 0) return finish(act);
      const { data: modal } = await act.answered();
      return finish(discord.submit(user, String(modal.custom_id), {}, pairs));
    },
    async press(id, values = {}, who = {}) {
      const user = personOf(who);
      const message = showing(acts, id) ?? discord.post(user, 'hello');
      const data = { custom_id: id, component_type: 2 };
      if (Object.keys(values).length === 0) {
        return finish(discord.send(user, { type: 3, data, message }));
      }
      await discord.send(user, { type: 3, data, message }).answered();
      const files: Record<string, Upload[]> = {};
      const fields: Record<string, string> = {};
      for (const [field, value] of Object.entries(values)) {
        if (isFile(value)) files[field] = [await uploadOf(value)];
        else fields[field] = String(value);
      }
      return finish(discord.submit(user, id, fields, files));
    },
    async complete(text, who = {}) {
      const focused = { option: 'analogy', value: text };
      const act = discord.autocomplete(
        personOf(who),
        'library',
        focused,
        {},
        { subcommand: 'export' },
      );
      const { data } = await act.answered();
      return (data.choices as { value: string }[]).map(({ value }) => value);
    },
    async file(id) {
      const context = { tenant: `discord:${discord.guildId}`, user: idsOf('ada') } as never;
      return (await commands.file(context, id)).bytes;
    },
    close: stage.close,
  };
}

/** Commands whose views are noted by the interaction that they answer. */
function noted(commands: Commands) {
  const all = new Map<string, PromiseWithResolvers<View[]>>();
  const entry = (interaction: string) => {
    const known = all.get(interaction) ?? Promise.withResolvers<View[]>();
    all.set(interaction, known);
    return known;
  };
  async function* note(interaction: string, views: Views): Views {
    const seen: View[] = [];
    try {
      for await (const view of views) {
        seen.push(view);
        yield view;
      }
    } finally {
      entry(interaction).resolve(seen);
    }
  }
  const watched: Commands = {
    ...commands,
    run: (context, name, input) => note(context.interaction, commands.run(context, name, input)),
    press: (context, id, values) => note(context.interaction, commands.press(context, id, values)),
  };
  return { commands: watched, viewsOf: (interaction: string) => entry(interaction).promise };
}

/** Waits until what is last is seen, so that nothing of a case runs on into the next. */
async function settled(discord: Discord, act: Act, last: View | undefined): Promise<void> {
  await act.answered();
  for (let i = 0; i < 2000; i++) {
    const [reply] = act.replies();
    const isGone = last?.kind === 'cancelled' && last.replaced;
    const isLoading = reply !== undefined && (Number(reply.flags) & 128) !== 0;
    const done = discord.requests.some(
      ({ path, method, status }) => method !== 'POST' && path.includes(act.token) && status !== 0,
    );
    if (isGone ? !reply : !isLoading && (done || act.replies().length > 1)) return;
    await sleep(5);
  }
  throw new Error(`the answer to ${act.id} was not shown`);
}

/** A command as Discord sends it, whatever its options: a platform has no say in what is missing. */
async function commandData(
  discord: Discord,
  name: string,
  input: Record<string, unknown>,
  hasPairs: boolean,
): Promise<JsonObject> {
  const { command, subcommand, names, dialog } = placementOf(name);
  const attachments: JsonObject = {};
  const options: JsonObject[] = [];
  for (const [field, value] of Object.entries(input)) {
    if (dialog?.includes(field)) continue;
    const option = names?.[field] ?? field;
    if (isFile(value)) {
      const file = discord.upload(await uploadOf(value));
      attachments[file.id] = file;
      options.push({ name: option, type: 11, value: file.id });
    } else {
      const sent = Array.isArray(value) ? value.join(', ') : value;
      const type = optionTypes[typeof sent as keyof typeof optionTypes];
      options.push({ name: option, type, value: sent });
    }
  }
  if (hasPairs) options.push({ name: 'pairs', type: 5, value: true });
  const shown = subcommand ? [{ name: subcommand, type: 1, options }] : options;
  return { id: '1', name: command, type: 1, options: shown, resolved: { attachments } };
}

/** Files of further pairs, as the dialog takes them. */
async function pairsIn(input: Record<string, unknown>): Promise<Record<string, Upload[]>> {
  const pairs: Record<string, Upload[]> = {};
  for (const n of [2, 3, 4, 5]) {
    const files = [input[`before${n}`], input[`after${n}`]].filter(isFile);
    if (files.length > 0) pairs[`pair${n}`] = await Promise.all(files.map(uploadOf));
  }
  return pairs;
}

/** The latest message that offers a button, as whoever asked for it sees it. */
function showing(acts: readonly Act[], id: string): APIMessage | undefined {
  const all = acts.flatMap((act) => act.replies());
  return all.findLast((message) => JSON.stringify(message.components).includes(`"${id}"`));
}

function isFile(value: unknown): value is LazyFile {
  return typeof value === 'object' && value !== null && 'fetch' in value;
}

async function uploadOf(file: LazyFile): Promise<Upload> {
  const parts: Uint8Array[] = [];
  const bytes = await file.fetch(new AbortController().signal);
  for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) parts.push(part);
  return { name: file.name, bytes: Buffer.concat(parts) };
}
