import { describe, expect, it } from 'vitest';
import { parseSlackArguments } from '../../bench/slack/arguments.ts';
import { askedList, fillIn, type Hand } from '../../bench/slack/dialogs.ts';
import { actionOf, controlsOf, isProgress, jobsIn, outcomeOf } from '../../bench/slack/messages.ts';
import { saidOf } from '../../bench/slack/said.ts';
import { type Done, type Request, tallyOf } from '../../bench/slack/tally.ts';
import { drawView } from '../../src/bots/slack/messages/index.ts';
import { analogyModal } from '../../src/bots/slack/modals/index.ts';
import type { View } from '../../src/commands/index.ts';

describe('the command line', () => {
  it('takes what it is given', () => {
    const usual = { minutes: 10, interactions: 1000, members: 100, seed: 0 };
    expect(parseSlackArguments([])).toEqual({ ...usual, socket: false, limited: false });
    expect(parseSlackArguments(['--minutes', '2', '--socket', '--limited'])).toEqual({
      ...{ ...usual, minutes: 2 },
      socket: true,
      limited: true,
    });
    expect(parseSlackArguments(['--help'])).toBe('help');
  });
  it.each([
    [['--minutes', '0'], '--minutes: "0" is no whole number from 1'],
    [['--interactions', 'many'], '--interactions: "many"'],
    [['--members', '-1'], '--members'],
    [['extra'], "Unexpected argument 'extra'"],
  ])('refuses %j', (args, problem) => {
    expect(() => parseSlackArguments(args)).toThrow(problem);
  });
});

const draw = (view: object) => {
  const whole = {
    buttons: [],
    private: false,
    remarks: [],
    text: 'a sentence',
    ...view,
  } as unknown as View;
  return { blocks: drawView(whole, { locale: 'en', now: 0 }).blocks as never };
};
const progress = draw({
  kind: 'progress',
  job: 'j1',
  fraction: 0.5,
  buttons: [[{ id: 'cancel~j1', label: 'Cancel', style: 'danger' }]],
});
const result = draw({
  kind: 'result',
  job: 'j1',
  analogy: 'a1',
  pictureKind: 'cell',
  alt: 'what is seen',
  cells: [],
  spoiler: false,
  buttons: [[{ id: 'apply~j1', label: 'Apply', style: 'plain' }]],
});
const problem = draw({ kind: 'problem', code: 'QUEUE_FULL', sentence: 'Full.', next: 'Wait.' });

describe('what a message says', () => {
  it('is progress, a result, a problem or something else', () => {
    expect([progress, result, problem, { blocks: [] }].map(outcomeOf)).toEqual([
      undefined,
      'result',
      'problem QUEUE_FULL',
      'message',
    ]);
    expect([progress, result, problem].map(({ blocks }) => isProgress(blocks))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('has something to press: buttons, menus and lists, but no inputs', () => {
    const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
    const menu = { type: 'overflow', action_id: 'menu:1', options: [option('table~j2')] };
    const list = { type: 'static_select', action_id: 'choose:1', options: [option('pick~j2~1')] };
    const blocks = [
      { type: 'section', accessory: menu },
      {
        type: 'actions',
        elements: [list, { type: 'button', action_id: 'b', value: 's.remove~U' }],
      },
      { type: 'input', element: { ...list, action_id: 'value' } },
    ];
    expect(controlsOf({ blocks }).map(({ type, actionId }) => `${type} ${actionId}`)).toEqual([
      'menu menu:1',
      'list choose:1',
      'button b',
    ]);
    expect(controlsOf({ blocks }).map(actionOf)).toEqual(['table', 'pick', 's.remove']);
    expect([...jobsIn({ blocks })]).toEqual(['j2']);
    expect([...jobsIn(progress)]).toEqual(['j1']);
  });
});

describe('dialogs', () => {
  const hand: Hand = {
    newName: () => 'new',
    newPicture: async () => ({ name: 'a.png', bytes: new Uint8Array() }),
    oneOf: (items) => items[0],
    chance: () => false,
  };
  const options = { callbackId: 'new', privateMetadata: '{}', locale: 'en' };
  it('are given three pictures, or a saved analogy and one', async () => {
    const view = { blocks: analogyModal(options).blocks as never };
    const filled = await fillIn(view, hand, undefined, []);
    expect(Object.keys(filled.files)).toEqual(['before', 'after', 'picture']);
    expect(filled.values).toEqual({});
    expect(askedList(view)).toMatchObject({ name: 'analogy', isWanted: false });
    const saved = await fillIn(view, hand, 'glasses', []);
    expect(Object.keys(saved.files)).toEqual(['picture']);
    expect(saved.values).toEqual({ analogy: 'glasses' });
  });
  it('are given pairs for all that is asked, and a place', async () => {
    const modal = analogyModal({ ...options, place: 'ask', pairs: 2 });
    const filled = await fillIn({ blocks: modal.blocks as never }, hand, undefined, ['C1']);
    expect(Object.keys(filled.files)).toContain('after2');
    expect(filled.values).toEqual({ channel: 'C1' });
  });
});

describe('what a command said', () => {
  it('is read as it was written, and nothing else is', () => {
    const said = { interaction: '1.2.x', user: 'U', kind: 'result', job: 'j', isReplaced: false };
    expect(saidOf.read(saidOf.write(said))).toEqual(said);
    expect(saidOf.read('something was not done on Slack')).toBeUndefined();
  });
});

const at = (ms: number, more: Partial<Request>): Request => ({
  method: 'chat.update',
  body: {},
  at: ms,
  status: 200,
  ok: true,
  ...more,
});
const post = (channel: string, ts: string, ms: number, { blocks }: { blocks: never }) =>
  at(ms, { method: 'chat.postMessage', body: { channel, blocks }, response: { channel, ts } });
const edit = (channel: string, ts: string, ms: number, { blocks }: { blocks: never }) =>
  at(ms, { body: { channel, ts, blocks } });
const done = (more: Partial<Done>): Done => ({
  kind: 'dialog',
  acknowledged: 10,
  answered: 500,
  outcome: 'result',
  messages: 1,
  ...more,
});

describe('the tally', () => {
  it('finds nothing wrong where nothing is', () => {
    const requests = [
      post('C', '1', 0, progress),
      edit('C', '1', 4000, progress),
      edit('C', '1', 4500, result),
      post('D', '1', 4600, result),
      post('C', '2', 5000, result),
    ];
    expect(tallyOf([done({}), done({ kind: 'stop', messages: 0 })], requests, 10)).toEqual({
      interactions: 2,
      kinds: { dialog: 1, stop: 1 },
      acknowledgedMs: { count: 2, p50: 10, p99: 10, max: 10 },
      unacknowledged: 0,
      answeredMs: { count: 2, p50: 500, p99: 500, max: 500 },
      unanswered: 0,
      outcomes: { result: 2 },
      doubles: 0,
      lateEdits: 0,
      edits: { count: 2, leastMs: 500, progressLeastMs: 4000 },
      messages: { count: 3, channels: 2, perSecond: 0.2, busiestSecond: 1, close: 0 },
      requests: { count: 5, perSecond: 0.5, busiestSecond: 3, seconds: 10, refused: {} },
    });
  });

  it('counts what was late, what was never answered and what was answered twice', () => {
    const all = [
      done({ acknowledged: 3001 }),
      done({ acknowledged: undefined, answered: undefined, outcome: undefined }),
      done({ messages: 2 }),
    ];
    expect(tallyOf(all, [], 1)).toMatchObject({
      unacknowledged: 2,
      unanswered: 1,
      doubles: 1,
      outcomes: { none: 1, result: 2 },
    });
  });

  it('counts progress after the last answer, and how soon one edit follows another', () => {
    const requests = [
      post('C', '1', 0, progress),
      edit('C', '1', 3000, progress),
      post('C', '2', 3100, progress),
      edit('C', '1', 3200, problem),
      edit('C', '1', 9000, progress),
    ];
    expect(tallyOf([], requests, 1)).toMatchObject({
      lateEdits: 1,
      edits: { count: 3, leastMs: 200, progressLeastMs: 3000 },
    });
  });

  it('counts messages that follow each other closely, and what Slack refused', () => {
    const refused = { ok: false, error: 'ratelimited', status: 429 };
    const requests = [
      post('C', '1', 0, result),
      post('C', '2', 900, result),
      post('D', '1', 950, result),
      { ...post('C', '3', 1000, result), ...refused },
      post('C', '3', 2000, result),
    ];
    expect(tallyOf([], requests, 2)).toMatchObject({
      messages: { count: 4, channels: 2, perSecond: 1.5, busiestSecond: 2, close: 1 },
      requests: { refused: { 'chat.postMessage ratelimited': 1 } },
    });
  });
});
