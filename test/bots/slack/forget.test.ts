import { expect, it } from 'vitest';
import type { Desk } from '../../../src/bots/slack/desk.ts';
import { forgetPosts, resumeForgetting } from '../../../src/bots/slack/forget.ts';
import { type Pressed, press } from '../../../src/bots/slack/presses.ts';
import { type AnswerRecord, openSlackAnswers } from '../../../src/bots/slack/store.ts';
import type { Wire } from '../../../src/bots/slack/wire.ts';

const refused = (error: string) =>
  Object.assign(new Error(error), { code: 'slack_webapi_platform_error', data: { error } });

/** Answers of one user, and a workspace that says of some things why they are not deleted. */
function stage() {
  const asked: string[] = [];
  const faults = new Map<string, Error>();
  const logged: unknown[] = [];
  const answers = openSlackAnswers(':memory:');
  const record = (name: string, files: readonly string[]): AnswerRecord => ({
    interaction: name,
    tenant: 'slack:T',
    user: 'U',
    roles: [],
    locale: 'en',
    channel: 'C',
    message: name,
    private: false,
    told: true,
    team: 'T',
    files,
  });
  answers.put(record('m1', ['f1', 'f2', 'f3']));
  answers.put(record('m2', ['f4']));
  let onDeleted = () => {};
  const did = (name: string) => {
    asked.push(name);
    const fault = faults.get(name);
    if (fault) throw fault;
    onDeleted();
  };
  const wire = {
    delete: async ({ message }: { message: string }) => did(message),
    deleteFile: async (id: string) => did(id),
  } as unknown as Wire;
  const desk = (signal = new AbortController().signal) =>
    ({
      answers,
      signal,
      log: (details: unknown) => void logged.push(details),
      wireOf: () => wire,
    }) as unknown as Desk;
  return {
    asked,
    faults,
    logged,
    answers,
    wire,
    desk,
    doomed: () => answers.doomed().map(({ interaction }) => interaction),
    onDeleted: (what: () => void) => {
      onDeleted = what;
    },
  };
}

it('deletes what was posted, and then what is known of it', async () => {
  const { asked, answers, wire, desk, doomed, faults, logged } = stage();
  // What somebody else deleted hinders nothing.
  faults.set('m1', refused('message_not_found'));
  faults.set('f2', refused('file_not_found'));
  await forgetPosts(desk(), wire, answers.doom('slack:T', 'U'));
  expect(asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2', 'f4']);
  expect(doomed()).toEqual([]);
  expect(answers.byMessage('m1')).toBeUndefined();
  expect(logged).toEqual([]);
});

it('goes on after a stop in the middle', async () => {
  const { asked, answers, wire, desk, doomed, onDeleted } = stage();
  const ending = new AbortController();
  onDeleted(() => asked.length === 5 && ending.abort());
  await forgetPosts(desk(ending.signal), wire, answers.doom('slack:T', 'U'));
  expect(asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2']);
  expect(doomed()).toEqual(['m2']);
  onDeleted(() => {});
  await resumeForgetting(desk());
  expect(asked.slice(5)).toEqual(['m2', 'f4']);
  expect(doomed()).toEqual([]);
});

it('tries again at the next start what Slack did not delete', async () => {
  const { asked, answers, wire, desk, doomed, faults, logged } = stage();
  faults.set('f1', refused('internal_error'));
  await forgetPosts(desk(), wire, answers.doom('slack:T', 'U'));
  expect(asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2', 'f4']);
  expect(doomed()).toEqual(['m1']);
  expect(logged).toHaveLength(1);
  faults.clear();
  await resumeForgetting(desk());
  expect(doomed()).toEqual([]);
});

it('gives up where the app is no longer in the workspace', async () => {
  const { asked, answers, desk, doomed } = stage();
  answers.doom('slack:T', 'U');
  await resumeForgetting({ ...desk(), wireOf: () => undefined });
  expect(doomed()).toEqual([]);
  expect(asked).toEqual([]);
});

it('deletes what is noted while it deletes, and takes nothing more of it then', async () => {
  const { asked, answers, wire, desk, doomed, onDeleted } = stage();
  const doing = answers.byMessage('m1');
  if (!doing) throw new Error('there is no m1');
  const noted = { ...doing, told: false, files: ['f1', 'f2', 'f3', 'f5'] };
  // Its file was on the way to Slack.
  onDeleted(() => asked.length === 5 && answers.put(noted));
  await forgetPosts(desk(), wire, answers.doom('slack:T', 'U'));
  expect(asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2', 'f4', 'f5']);
  answers.put({ ...noted, told: true });
  expect([doomed(), answers.open(), answers.byMessage('m1')]).toEqual([[], [], undefined]);
});

/** Presses that all be forgotten, where Slack takes no answer to it. */
const forget = (
  { desk, wire }: ReturnType<typeof stage>,
  signal?: AbortSignal,
  onForgotten = () => {},
) => {
  const refuse = async () => {
    throw refused('internal_error');
  };
  const commands = {
    asks: () => [],
    async *press() {
      onForgotten();
      yield { kind: 'text', lines: ['Forgotten'], files: [], buttons: [], private: true };
    },
  };
  const asked = {
    wire: { ...wire, whisper: refuse, post: refuse, direct: refuse },
    team: 'T',
    user: 'U',
    interaction: 'i',
    member: { admin: false, locale: 'en' },
  };
  const question = { channel: 'C', message: 'q', isWhisper: true, respond: refuse };
  const pressed: Pressed = { ...question, label: 'Yes', trigger: 'i' };
  const full = { ...desk(signal), commands, now: () => 0 } as unknown as Desk;
  return press(full, asked, 'forgetyes~mark', pressed);
};

it('deletes what was posted where nobody can be told that they are forgotten', async () => {
  const all = stage();
  await expect(forget(all)).rejects.toThrow('internal_error');
  expect(all.asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2', 'f4']);
  expect(all.doomed()).toEqual([]);
  expect(all.answers.byMessage('m1')).toBeUndefined();
});

it('deletes it after the next start where the bot stopped before it was told', async () => {
  const all = stage();
  const ending = new AbortController();
  await expect(forget(all, ending.signal, () => ending.abort())).rejects.toThrow();
  expect(all.asked).toEqual([]);
  expect(all.doomed()).toEqual(['m1', 'm2']);
  await resumeForgetting(all.desk());
  expect(all.asked).toEqual(['m1', 'f1', 'f2', 'f3', 'm2', 'f4']);
  expect(all.doomed()).toEqual([]);
});

const remove = ({ desk, wire }: ReturnType<typeof stage>) => {
  const locale = 'en';
  const asked = { wire, team: 'T', user: 'U', interaction: 'i', member: { admin: false, locale } };
  const pressed: Pressed = {
    channel: 'C',
    message: 'm1',
    isWhisper: false,
    label: 'Delete',
    trigger: 'i',
  };
  return press(desk(), asked, 's.remove~U', pressed);
};

it('deletes a result with all of its files, also where one is gone', async () => {
  const all = stage();
  all.faults.set('f1', refused('file_not_found'));
  await remove(all);
  expect(all.asked).toEqual(['m1', 'f1', 'f2', 'f3']);
  expect(all.answers.byMessage('m1')).toBeUndefined();
});

it('knows a result as long as one of its files is not deleted', async () => {
  const all = stage();
  all.faults.set('f1', refused('internal_error'));
  await expect(remove(all)).rejects.toThrow('internal_error');
  expect(all.asked).toEqual(['m1', 'f1', 'f2', 'f3']);
  expect(all.answers.byMessage('m1')).toBeDefined();
});
