import { describe, expect, it } from 'vitest';
import { standInDevice } from '../../bench/common/chat/device.ts';
import { parseDiscordArguments } from '../../bench/discord/arguments.ts';
import { fillIn } from '../../bench/discord/dialogs.ts';
import { actionsOf, controlsOf } from '../../bench/discord/messages.ts';
import { aboutOf, type Done, isProgress, tallyOf } from '../../bench/discord/tally.ts';

describe('the command line', () => {
  it('takes what it is given', () => {
    expect(parseDiscordArguments([])).toEqual({
      minutes: 10,
      interactions: 1000,
      members: 100,
      seed: 0,
    });
    expect(parseDiscordArguments(['--minutes', '2', '--members', '5'])).toMatchObject({
      minutes: 2,
      members: 5,
    });
    expect(parseDiscordArguments(['--help'])).toBe('help');
  });
  it.each([
    [['--minutes', '0'], '--minutes: "0" is no whole number from 1'],
    [['--interactions', 'many'], '--interactions: "many"'],
    [['--members', '-1'], '--members'],
    [['extra'], "Unexpected argument 'extra'"],
  ])('refuses %j', (args, problem) => {
    expect(() => parseDiscordArguments(args)).toThrow(problem);
  });
});

const progress = [{ type: 17, accent_color: 0x5865f2, components: [] }];
const problem = [{ type: 17, accent_color: 0xed4245, components: [] }];
const result = [{ type: 10, content: 'done' }];
const at = (ms: number, more: object) => ({
  method: 'POST',
  path: '',
  body: {},
  at: ms,
  status: 204,
  ...more,
});
const callback = (token: string, ms: number, type = 5, status = 204) =>
  at(ms, { path: `/interactions/1/${token}/callback`, body: { type }, status });
const edit = (token: string, ms: number, components: object[], status = 200) =>
  at(ms, {
    method: 'PATCH',
    path: `/webhooks/9/${token}/messages/@original`,
    body: { components },
    status,
  });
const whisper = (token: string, ms: number) =>
  at(ms, { path: `/webhooks/9/${token}`, body: { components: result }, status: 200 });
const done = (more: Partial<Done>): Done => ({
  id: '1',
  token: 'a',
  kind: 'analogy',
  acknowledged: 10,
  answered: 500,
  outcome: 'result',
  ...more,
});

describe('the tally', () => {
  it('finds nothing wrong where nothing is', () => {
    const requests = [
      callback('a', 0),
      edit('a', 1000, progress),
      edit('a', 5000, progress),
      edit('a', 6000, result),
      callback('b', 1000, 6),
      whisper('b', 1100),
      callback('c', 1500, 8),
    ];
    expect(tallyOf([done({}), done({ token: 'b', kind: 'stop' })], requests, 10)).toEqual({
      interactions: 2,
      kinds: { analogy: 1, stop: 1 },
      acknowledgedMs: { count: 2, p50: 10, p99: 10, max: 10 },
      unacknowledged: 0,
      answeredMs: { count: 2, p50: 500, p99: 500, max: 500 },
      unanswered: 0,
      outcomes: { result: 2 },
      doubles: 0,
      lateEdits: 0,
      progress: { edits: 2, leastMs: 4000, hasty: 0 },
      requests: { count: 7, perSecond: 0.7, busiestSecond: 4, seconds: 10, refused: {} },
    });
  });

  it('counts what was late and what was never answered', () => {
    const all = [
      done({ acknowledged: 3001 }),
      done({ acknowledged: undefined, answered: undefined, outcome: undefined }),
      done({ answered: undefined, outcome: undefined }),
    ];
    expect(tallyOf(all, [], 1)).toMatchObject({
      unacknowledged: 2,
      unanswered: 2,
      outcomes: { none: 2, result: 1 },
    });
  });

  it.each([
    ['two messages', [callback('a', 0), whisper('a', 10)]],
    ['two acknowledgements', [callback('a', 0, 6), callback('a', 10, 6)]],
    ['two messages beside a button', [callback('a', 0, 6), whisper('a', 1), whisper('a', 2)]],
  ])('counts %s to one interaction', (_, requests) => {
    expect(tallyOf([], requests, 1).doubles).toBe(1);
  });

  it('counts no second try of what Discord refused', () => {
    const tally = tallyOf([], [callback('a', 0, 5, 503), callback('a', 10)], 1);
    expect(tally.doubles).toBe(0);
    expect(tally.requests.refused).toEqual({ 'POST interactions 503': 1 });
  });

  it('counts progress after the last answer, and progress that comes too soon', () => {
    const requests = [
      edit('a', 0, progress),
      edit('a', 3000, progress),
      edit('b', 3100, progress),
      edit('a', 3200, problem),
      edit('a', 9000, progress),
      edit('b', 9000, progress),
    ];
    expect(tallyOf([], requests, 1)).toMatchObject({
      lateEdits: 1,
      progress: { edits: 5, leastMs: 3000, hasty: 1 },
    });
  });

  it('knows what a request is about', () => {
    expect(aboutOf({ method: 'DELETE', path: '/webhooks/9/x/messages/@original' })).toEqual({
      token: 'x',
      what: 'other',
    });
    expect(aboutOf({ method: 'PATCH', path: '/channels/1/messages/2' })).toBeUndefined();
    expect([progress, problem, result, [], undefined].map(isProgress)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the members', () => {
  const button = (id: string, more = {}) => ({ type: 2, custom_id: id, ...more });
  it('press what can be pressed', () => {
    const components = [
      { type: 1, components: [button('weaker~j'), button('pick~j~1~2', { disabled: true })] },
      { type: 9, components: [], accessory: button('d.remove~7') },
      { type: 17, components: [{ type: 1, components: [{ type: 3, custom_id: 'select' }] }] },
    ];
    expect(controlsOf(components).map(({ custom_id }) => custom_id)).toEqual([
      'weaker~j',
      'd.remove~7',
      'select',
    ]);
    expect([...actionsOf({ components } as never)]).toEqual([
      ['weaker', ['weaker~j']],
      ['d.remove', ['d.remove~7']],
    ]);
  });

  it('fill in what a dialog asks for, and no more', async () => {
    const label = (component: object) => ({ type: 18, label: 'x', component });
    const upload = (id: string, more = {}) => label({ type: 19, custom_id: id, ...more });
    let made = 0;
    const hand = {
      newName: () => 'new',
      knownName: () => undefined,
      newPicture: async () => ({ name: `${++made}.png`, bytes: new Uint8Array() }),
      oneOf: <Item>(items: readonly Item[]) => items[0],
    };
    const modal = {
      components: [
        label({ type: 4, custom_id: 'name' }),
        label({ type: 4, custom_id: 'description', required: false }),
        label({ type: 3, custom_id: 'size', options: [{ value: 's' }, { value: 'l' }] }),
        upload('picture'),
        upload('other', { required: false }),
      ],
    };
    const filled = await fillIn(modal, hand);
    expect(filled).toMatchObject({ fields: { name: 'new', size: ['s'] }, name: 'new' });
    expect(Object.keys(filled.files)).toEqual(['picture']);
    // Nothing is saved yet: the pictures are given in the name's place.
    const name = label({ type: 4, custom_id: 'analogy', required: false });
    const optional = { required: false };
    const pair = { components: [name, upload('a', optional), upload('a2', optional)] };
    expect(Object.keys((await fillIn(pair, hand)).files)).toEqual(['a', 'a2']);
    const known = await fillIn(pair, { ...hand, knownName: () => 'glasses' });
    expect(known).toEqual({ fields: { analogy: 'glasses' }, files: {} });
  });
});

describe('the stand-in device', () => {
  const picture = { pixels: new Float32Array(3), sha256: 'ab'.repeat(32) };
  const order = { kind: 'tokens', scope: 't', picture, seed: 0, preset: {} } as never;
  it('goes on where it was saved, and ends after its steps', async () => {
    const device = standInDevice();
    const { task } = await device.begin(order);
    await device.step(task);
    const { task: again, ...report } = await device.begin(order, {
      saved: await device.save(task),
    });
    expect(report).toMatchObject({ done: false, step: 1, steps: 8 });
    let steps = 0;
    for (let isDone = false; !isDone; steps++) isDone = (await device.step(again)).done;
    expect(steps).toBe(7);
    expect(await device.finish(again)).toMatchObject({ iterations: 8 });
    await expect(device.step(again)).rejects.toThrow('is over');
  });
  it('stands where it stood after an abort', async () => {
    const device = standInDevice();
    const { task } = await device.begin(order);
    const reason = new Error('no more');
    await expect(device.step(task, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await device.step(task)).toMatchObject({ step: 1 });
  });
});
