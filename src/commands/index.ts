/** The commands, whatever the platform. `port.ts` says what goes in and what comes out. */
import type { Engine } from '../engine/client.ts';
import { type Action, resultActions } from './actions.ts';
import { helpCommand, settingsCommand } from './admin.ts';
import { fieldsAsked } from './buttons.ts';
import type { DefinedCommand } from './fields.ts';
import { libraryActions, libraryCommands } from './library.ts';
import { analogyCommand, applyCommand } from './make.ts';
import { plain } from './plain.ts';
import type { Attachment, CommandDescription, Commands, Context, Log, View } from './port.ts';
import { parsePress } from './press.ts';
import { problemView } from './problem.ts';
import { createQuota } from './quota.ts';
import { refineCommand, showCommand } from './refine.ts';
import { refuse } from './refuse.ts';
import { createRetention } from './retention.ts';
import { admit, ownerOf, type Room, settingsOf } from './room.ts';
import { createRunning } from './running.ts';
import type { SettingsStore } from './settings.ts';
import { statusActions, statusCommands } from './status.ts';
import { type Texts, textsFor } from './texts/index.ts';

export type * from './port.ts';
export { formatPress, type Press, parsePress } from './press.ts';
export { defaultSettings, openSettings, type Settings, type SettingsStore } from './settings.ts';

export interface CommandsOptions {
  /** It is not closed with the commands. */
  readonly engine: Engine;
  readonly settings: SettingsStore;
  readonly log: Log;
  /** Strengths and guidances of a grid, where none are asked for: the settings' `render`. */
  readonly dials: Room['dials'];
  /** Most cells of one grid that the engine draws: the settings' `render.maxCells`. @default 400 */
  readonly mostCells?: number;
  /** Most MB (10^6 bytes) of a picture: the settings' `intake.megabytes`. */
  readonly pictureMegabytes: number;
  /**
   * Days for which the engine keeps what it keeps longest: a tenant whose setting is shorter has the
   * rest removed. @default 30
   */
  readonly engineDays?: number;
  /** Shown with the help. */
  readonly helpPicture?: Attachment;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export function createCommands(options: CommandsOptions): Commands {
  const { engine, settings, log, dials, mostCells = 400, now = Date.now } = options;
  const { pictureMegabytes, helpPicture, engineDays = 30 } = options;
  const running = createRunning((context, job) =>
    engine.cancel(ownerOf(context), job).catch((error) => log({ err: error }, 'not cancelled')),
  );
  const quota = createQuota(engine, now);
  const retention = createRetention({ engine, settings, log, engineDays, now });
  const told = { log, dials, mostCells, pictureMegabytes, helpPicture, now };
  const room: Room = { engine, settings, running, quota, ...told };
  const actions = new Map<string, Action>(
    Object.entries({ ...resultActions(room), ...libraryActions(room), ...statusActions(room) }),
  );
  const byName = Object.fromEntries(actions);
  const defined = (texts: Texts): DefinedCommand[] => [
    analogyCommand(room, texts),
    applyCommand(room, texts),
    refineCommand(room, byName, texts),
    showCommand(byName, texts),
    ...libraryCommands(room, byName, texts),
    ...statusCommands(room, texts),
    helpCommand(room, describe, texts),
    settingsCommand(room, texts),
  ];
  const descriptions = new Map<Texts, readonly CommandDescription[]>();
  const describe = (locale: string): readonly CommandDescription[] => {
    const texts = textsFor(locale);
    const known = descriptions.get(texts);
    if (known) return known;
    const list = defined(texts).map(({ name, description, fields, adminOnly }) => {
      return { name, description, fields, adminOnly };
    });
    descriptions.set(texts, list);
    return list;
  };
  const commands = defined(textsFor('en'));

  /** What every command and button goes through: who may, and what goes wrong. */
  async function* guarded(
    context: Context,
    isOpen: boolean,
    pressed: boolean,
    views: () => AsyncIterable<View>,
  ): AsyncGenerator<View, void, undefined> {
    retention.used(context.tenant);
    try {
      if (!isOpen) admit(context, await settings.get(context.tenant));
      yield* views();
    } catch (error) {
      if (context.signal.aborted) return;
      const texts = textsFor(context.locale);
      yield problemView(plain(error, texts), { texts, log, pressed });
    }
  }

  return {
    list: describe('en'),
    describe,
    run(context, name, input) {
      const command = commands.find((each) => each.name === name);
      return guarded(context, command?.open ?? true, false, () => {
        if (!command) throw refuse('COMMAND_UNKNOWN', { name: name.slice(0, 40) });
        if (command.adminOnly && !context.admin) throw refuse('ADMINS_ONLY', {});
        return command.run(context, command.parse(input));
      });
    },
    press(context, id, values = {}) {
      const press = parsePress(id);
      const action = press && actions.get(press.action);
      return guarded(context, action?.open ?? false, true, () => {
        if (!action) throw refuse('COMMAND_UNKNOWN', { name: id.slice(0, 40) });
        return action.run(context, press, values);
      });
    },
    asks(id, locale) {
      const press = parsePress(id);
      return press ? fieldsAsked(press.action, textsFor(locale)) : [];
    },
    async complete(context, text) {
      try {
        admit(context, await settings.get(context.tenant));
        const found = await engine.findAnalogies(ownerOf(context), text);
        return found.flatMap(({ name }) => name ?? []).slice(0, 25);
      } catch {
        // A completion that fails is none: whatever is wrong is said when the command is sent.
        return [];
      }
    },
    async isPrivate(context) {
      try {
        return (await settingsOf(room, context)).privateReplies;
      } catch {
        // Whatever is wrong is said when the command runs: until then nobody else is to see it.
        return true;
      }
    },
    file: (context, file) => engine.file(ownerOf(context), file),
    problem(error, locale = 'en') {
      const texts = textsFor(locale);
      return problemView(plain(error, texts), { texts, log });
    },
  };
}
