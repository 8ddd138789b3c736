/** The commands, whatever the platform. `port.ts` says what goes in and what comes out. */
import { ZodError } from 'zod';
import type { Engine } from '../engine/client.ts';
import { type Action, resultActions } from './actions.ts';
import { helpCommand, settingsCommand } from './admin.ts';
import type { DefinedCommand } from './fields.ts';
import { libraryActions, libraryCommands } from './library.ts';
import { analogyCommand, applyCommand } from './make.ts';
import type { Attachment, Commands, Context, Log, View } from './port.ts';
import { parsePress } from './press.ts';
import { problemView } from './problem.ts';
import { refineCommand, showCommand } from './refine.ts';
import { refuse } from './refuse.ts';
import { admit, ownerOf, type Room } from './room.ts';
import { createRunning } from './running.ts';
import type { SettingsStore } from './settings.ts';
import { statusActions, statusCommands } from './status.ts';
import { textsFor } from './texts.ts';

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
  /** Most MB (10^6 bytes) of a picture: the settings' `intake.megabytes`. */
  readonly pictureMegabytes: number;
  /** Shown with the help. */
  readonly helpPicture?: Attachment;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export function createCommands(options: CommandsOptions): Commands {
  const { engine, settings, log, dials, pictureMegabytes, helpPicture, now = Date.now } = options;
  const running = createRunning((context, job) =>
    engine.cancel(ownerOf(context), job).catch((error) => log({ err: error }, 'not cancelled')),
  );
  const room: Room = { engine, settings, running, log, dials, pictureMegabytes, helpPicture, now };
  const actions = new Map<string, Action>(
    Object.entries({ ...resultActions(room), ...libraryActions(room), ...statusActions(room) }),
  );
  const byName = Object.fromEntries(actions);
  const commands: DefinedCommand[] = [
    analogyCommand(room),
    applyCommand(room),
    refineCommand(room, byName),
    showCommand(byName),
    ...libraryCommands(room, byName),
    ...statusCommands(room),
    helpCommand(room, () => commands),
    settingsCommand(room),
  ];

  /** What every command and button goes through: who may, and what goes wrong. */
  async function* guarded(
    context: Context,
    isOpen: boolean,
    pressed: boolean,
    views: () => AsyncIterable<View>,
  ): AsyncGenerator<View, void, undefined> {
    try {
      if (!isOpen) admit(context, await settings.get(context.tenant));
      yield* views();
    } catch (error) {
      if (context.signal.aborted) return;
      yield problemView(plain(error), { texts: textsFor(context.locale), log, pressed });
    }
  }

  return {
    list: commands,
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
    file: (context, file) => engine.file(ownerOf(context), file),
    problem: (error) => problemView(plain(error), { texts: textsFor('en'), log }),
  };
}

/** Of a check that failed, the first thing that is wrong. */
function plain(error: unknown): unknown {
  if (!(error instanceof ZodError)) return error;
  const issue = error.issues[0];
  const isExtra = issue?.code === 'unrecognized_keys';
  const field = String((isExtra ? issue.keys[0] : issue?.path[0]) ?? 'The input').slice(0, 40);
  const message = issue?.message ?? 'it does not fit';
  const isMissing = message.endsWith('received undefined');
  const reason = isExtra ? 'there is no such field' : isMissing ? 'it is missing' : message;
  return refuse('INPUT_INVALID', {
    field,
    reason: reason.charAt(0).toLowerCase() + reason.slice(1),
  });
}
