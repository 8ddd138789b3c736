import { describe, expect, it } from 'vitest';
import { type Draft, drawView } from '../../../src/bots/slack/messages/index.ts';
import { createPost, type Ready } from '../../../src/bots/slack/post.ts';
import { type AnswerRecord, entryOf, openSlackAnswers } from '../../../src/bots/slack/store.ts';
import type { Posted, Said, Upload, Wire } from '../../../src/bots/slack/wire.ts';
import type { View } from '../../../src/commands/port.ts';

const refused = (error: string) =>
  Object.assign(new Error(error), { code: 'slack_webapi_platform_error', data: { error } });

/** A workspace that does what it is told, and what it was asked, a line each. */
function stage(start: Partial<AnswerRecord> = {}) {
  const asked: string[] = [];
  const failures: { method: string; error: Error }[] = [];
  let count = 0;
  let clock = 0;
  const did = (method: string, details = '') => {
    asked.push(`${method} ${details}`.trim());
    const line = asked.at(-1) ?? '';
    const at = failures.findIndex(
      (each) => each.method === method || line.startsWith(`${each.method} `),
    );
    if (at >= 0) throw failures.splice(at, 1)[0]?.error;
  };
  const images = ({ blocks }: Said) => blocks.filter(({ type }) => type === 'image').length;
  const wire = {
    async post(channel: string, said: Said, thread?: string): Promise<Posted> {
      did('post', `${channel}${thread ? ` ${thread}` : ''} ${images(said)}`);
      return { channel, message: `m${++count}` };
    },
    update: async ({ message }: Posted, said: Said) => did('update', `${message} ${images(said)}`),
    delete: async ({ message }: Posted) => did('delete', message),
    direct: async (user: string) => {
      did('direct');
      return `D${user}`;
    },
    async upload({ name }: Upload) {
      did('upload', name);
      return `f${++count}`;
    },
    async share({ name }: Upload, { message }: Posted, comment?: string) {
      did('share', `${name} ${message}${comment ? ' late' : ''}`);
      return `f${++count}`;
    },
    deleteFile: async (id: string) => did('deleteFile', id),
  } as unknown as Wire;
  const answers = openSlackAnswers(':memory:');
  const record: AnswerRecord = {
    interaction: 'i',
    tenant: 'slack:T',
    user: 'U',
    roles: [],
    locale: 'en',
    channel: 'C',
    private: false,
    told: false,
    team: 'T',
    ...start,
  };
  const entry = entryOf(answers, record);
  const lost: string[] = [];
  const post = createPost({
    wire,
    entry,
    now: () => clock,
    log: () => {},
    lost: async () => void lost.push('lost'),
  });
  return {
    asked,
    entry,
    answers,
    post,
    lost,
    fail: (method: string, error: Error | string) =>
      failures.push({ method, error: typeof error === 'string' ? refused(error) : error }),
    later: (milliseconds: number) => {
      clock += milliseconds;
    },
  };
}

const ready = (draft: Draft): Ready => ({
  draft,
  files: new Map(
    draft.files.map((file) => {
      const key = 'file' in file ? file.file : file.name;
      return [file.name, { name: file.name, bytes: new Uint8Array(1), key }];
    }),
  ),
});

const draw = (view: View, spoiler = false) =>
  ready(drawView(view, { locale: 'en', now: 0, ...(spoiler && { spoiler }) }));

const progress = (preview?: string): View => ({
  kind: 'progress',
  job: 'j',
  text: 'Drawing',
  fraction: 0.5,
  remarks: [],
  buttons: [],
  private: false,
  ...(preview !== undefined && { preview }),
});

const result: View = {
  kind: 'result',
  job: 'j',
  analogy: 'e',
  text: 'Strength 1',
  picture: 'j.grid',
  pictureKind: 'grid',
  alt: 'A grid',
  cells: [],
  remarks: [],
  spoiler: false,
  buttons: [],
  private: false,
};

describe('a message', () => {
  it('is posted, changed, and known', async () => {
    const { post, asked, entry, answers } = stage({ thread: '1.1' });
    expect(await post.show(async () => draw(progress()), false)).toBe('shown');
    expect(entry.record.message).toBe('m1');
    expect(answers.byMessage('m1', 'C')).toMatchObject({ channel: 'C' });
    await post.show(async () => draw(result), true);
    expect(asked).toEqual(['post C 1.1 0', 'upload likewise-grid.png', 'update m1 1']);
    expect(entry.record.files).toEqual(['f2']);
  });

  it('shows a preview now and then, and deletes the one before', async () => {
    const { post, asked, entry, later } = stage();
    await post.show(async () => draw(progress('p1')), false);
    later(1000);
    await post.show(async () => draw(progress('p2')), false);
    later(20_000);
    await post.show(async () => draw(progress('p3')), false);
    await post.show(async () => draw(result), true);
    expect(asked).toEqual([
      'upload preview.png',
      'post C 1',
      'update m2 1',
      'upload preview.png',
      'update m2 1',
      'deleteFile f1',
      'upload likewise-grid.png',
      'update m2 1',
      'deleteFile f3',
    ]);
    expect(entry.record.files).toEqual(['f4']);
  });

  it.each([
    ['not_in_channel', 'uninvited'],
    ['is_archived', 'archived'],
    ['restricted_action', 'restricted'],
  ])('is direct where the channel says %s', async (error, barrier) => {
    const { post, asked, entry, fail } = stage();
    fail('post', error);
    const whys: unknown[] = [];
    const prepare = async (why?: unknown) => {
      whys.push(why);
      return draw(result);
    };
    expect(await post.show(prepare, true)).toBe('shown');
    expect(whys).toEqual([undefined, 'closed']);
    expect(entry.record).toMatchObject({ direct: 'closed', barrier, channel: 'DU' });
    // The picture is uploaded once.
    expect(asked.filter((line) => line.startsWith('upload'))).toHaveLength(1);
  });

  it('is not there again where somebody deleted it; its files go, too', async () => {
    const { post, asked, entry, fail } = stage();
    await post.show(async () => draw(progress('p1')), false);
    fail('update', 'message_not_found');
    expect(await post.show(async () => draw(result), true)).toBe('deleted');
    expect(asked.slice(-2)).toEqual(['deleteFile f1', 'deleteFile f3']);
    expect(entry.record.files).toEqual([]);
  });

  it('is a new one where it can no longer be changed', async () => {
    const { post, entry, fail } = stage();
    await post.show(async () => draw(progress()), false);
    fail('update', 'edit_window_closed');
    await post.show(async () => draw(result), true);
    expect(entry.record.message).toBe('m3');
  });

  it('that is unknown is not followed by another but the last', async () => {
    const { post, asked, fail } = stage();
    const broken = Object.assign(new Error('reset'), { code: 'slack_webapi_request_error' });
    fail('post', broken);
    await expect(post.show(async () => draw(progress()), false)).rejects.toThrow('reset');
    await post.show(async () => draw(progress()), false);
    await post.show(async () => draw(result), true);
    expect(asked.filter((line) => line.startsWith('post'))).toHaveLength(2);
  });
});

it('says that nothing can be sent anywhere, once and at the end', async () => {
  const { post, lost, fail } = stage({ direct: 'private', channel: '' });
  fail('post', 'messages_tab_disabled');
  expect(await post.show(async () => draw(progress()), false)).toBe('unreachable');
  expect(lost).toEqual([]);
  fail('post', 'messages_tab_disabled');
  expect(await post.show(async () => draw(result), true)).toBe('unreachable');
  expect(lost).toEqual(['lost']);
});

it('says nothing where the app is gone', async () => {
  const { post, lost, fail } = stage();
  fail('post', 'account_inactive');
  expect(await post.show(async () => draw(progress()), true)).toBe('unreachable');
  expect(lost).toEqual([]);
});

it('shares what is hidden in the thread, and what Slack does not show', async () => {
  const hidden = stage();
  await hidden.post.show(async () => draw(result, true), true);
  expect(hidden.asked).toEqual(['post C 0', 'share likewise-grid.png m1']);
  const late = stage();
  for (let i = 0; i < 3; i++) late.fail('post', 'invalid_blocks');
  await late.post.show(async () => draw(result), true);
  expect(late.asked).toEqual([
    'upload likewise-grid.png',
    'post C 1',
    'post C 1',
    'post C 1',
    'post C 0',
    'deleteFile f1',
    'share likewise-grid.png m2 late',
  ]);
  expect(late.entry.record.files).toEqual(['f3']);
});

it('shares what is left where a file was not shared, and no file twice', async () => {
  const { post, asked, entry, fail } = stage();
  const files: View = {
    kind: 'text',
    lines: ['Three files'],
    files: ['a.json', 'b.json', 'c.json'].map((name) => ({
      name,
      type: 'application/json',
      bytes: new Uint8Array(1),
    })),
    buttons: [],
    private: false,
  };
  const show = () => post.show(async () => draw(files), true);
  const shares = () => asked.filter((line) => line.startsWith('share'));
  fail('share b.json', 'internal_error');
  await expect(show()).rejects.toThrow('internal_error');
  // What is there already is known, whatever becomes of the rest.
  expect(entry.record.files).toEqual(['f2']);
  expect(await show()).toBe('shown');
  expect(shares()).toEqual(['a', 'b', 'b', 'c'].map((name) => `share ${name}.json m1`));
  expect(asked.filter((line) => line.startsWith('deleteFile'))).toEqual([]);
  expect(entry.record.files).toEqual(['f2', 'f3', 'f4']);
  await post.remove();
  expect(asked.slice(-3)).toEqual(['deleteFile f2', 'deleteFile f3', 'deleteFile f4']);
});

it('removes the message with its files; what is gone is gone', async () => {
  const { post, asked, fail } = stage();
  await post.remove();
  expect(asked).toEqual([]);
  await post.show(async () => draw(progress('p1')), false);
  fail('delete', 'message_not_found');
  fail('deleteFile', 'file_not_found');
  await post.remove();
  expect(asked.slice(-2)).toEqual(['delete m2', 'deleteFile f1']);
});
