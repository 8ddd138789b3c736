import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/bots/web/messages.ts';
import type { Button, ResultView, View } from '../../../src/commands/port.ts';
import { fakeEngine } from '../../commands/fake-engine.ts';
import { browserOf } from './browser.ts';
import { serveWeb } from './serve.ts';

let folder: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likewise-web-'));
});
afterEach(async () => {
  for (const { close } of open.splice(0)) await close();
  rmSync(folder, { recursive: true });
});
const serve = async (engine = fakeEngine()) => {
  const web = await serveWeb(engine, { store: join(folder, 'messages.sqlite') });
  open.push(web);
  return { ...web, engine, ada: browserOf(web.url) };
};
const isResult = ({ view, progress }: Message) => view?.kind === 'result' && !progress;
const resultOf = ({ view }: Message) => view as ResultView;
const button = (message: Message, label: string): Button => {
  const found = resultOf(message)
    .buttons.flat()
    .find((each) => each.label.startsWith(label));
  if (!found) throw new Error(`no button ${label}`);
  return found;
};

describe('a conversation', () => {
  it('goes from progress to a result in one message, which is there after a reload', async () => {
    const { ada, engine } = await serve();
    engine.held = true;
    const { message } = await ada.make();
    expect(message).toMatchObject({ progress: { kind: 'progress' } });
    await ada.until(message.id, ({ progress }) => progress?.position === 2);
    engine.held = false;
    const done = await ada.until(message.id, isResult);
    expect(resultOf(done).cells.map(({ lambda }) => lambda)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(await (await ada.stream()).next()).toEqual({ messages: [done] });
  });

  it('goes on in the middle after a restart of the server', async () => {
    const { ada, engine, close } = await serve();
    engine.held = true;
    const { message } = await ada.make();
    await ada.until(message.id, ({ progress }) => progress?.position === 2);
    await close();
    const second = await serve(engine);
    const again = browserOf(second.url);
    again.cookie = ada.cookie;
    await again.until(message.id, ({ progress }) => progress !== undefined);
    engine.held = false;
    expect(resultOf(await again.until(message.id, isResult)).cells).toHaveLength(5);
    expect(engine.requests).toHaveLength(1);
  });

  it('refines in the same message, and goes back', async () => {
    const { ada, engine } = await serve();
    const { message } = await ada.make();
    const first = await ada.until(message.id, isResult);
    const place = { message: message.id };
    await ada.press(button(first, 'Stronger').id, {}, place);
    const isNew = (one: Message) => isResult(one) && resultOf(one).job !== resultOf(first).job;
    const second = await ada.until(message.id, isNew);
    expect(resultOf(second).cells.at(-1)?.lambda).toBe(3);
    expect(engine.requests.map(({ kind }) => kind)).toEqual(['analogy', 'render']);
    await ada.press(button(second, 'Undo').id, {}, place);
    const third = await ada.until(message.id, (one) => resultOf(one).job === resultOf(first).job);
    expect(third.view).toEqual(first.view);
  });

  it('keeps the result where its refinement fails, and says why', async () => {
    const { ada, engine } = await serve();
    const first = await ada.until((await ada.make()).message.id, isResult);
    engine.failure = { code: 'JOB_FAILED', message: '', details: { reason: 'no reason' } };
    await ada.press(button(first, 'Stronger').id, {}, { message: first.id });
    const after = await ada.until(first.id, ({ problem }) => problem !== undefined);
    expect(after).toMatchObject({ view: first.view, problem: { code: 'JOB_FAILED' } });
  });

  it('shows what the sliders ask for once, and keeps nothing of it', async () => {
    const { ada } = await serve();
    const first = await ada.until((await ada.make()).message.id, isResult);
    const { job } = resultOf(first);
    const place = { message: first.id, job, lambda: 1.25, guidance: 3 };
    const interaction = 'interaction-1';
    const response = await ada.post('api/live', { interaction, ...place });
    const { view } = (await response.json()) as { view: ResultView };
    expect(view.cells).toMatchObject([{ lambda: 1.25, guidance: 3 }]);
    expect(await (await ada.stream()).next()).toEqual({ messages: [first] });
  });

  it('speaks as the page does, whatever the browser prefers', async () => {
    const { url } = await serve();
    const ada = browserOf(url, { 'accept-language': 'de-DE,de;q=0.9' });
    expect(await ada.run('forget')).toMatchObject({
      view: { text: expect.stringMatching(/^Forget all that is yours here/) },
    });
    expect(JSON.stringify(await ada.run('nothing'))).toMatch(/There is no command/);
  });

  it('of the positions of a slider the last one wins', async () => {
    const { ada, engine } = await serve();
    const first = await ada.until((await ada.make()).message.id, isResult);
    engine.held = true;
    const at = async (lambda: number) => {
      const place = { message: first.id, job: resultOf(first).job, lambda, guidance: 2 };
      const response = await ada.post('api/live', {
        interaction: `interaction-${lambda}`,
        ...place,
      });
      return ((await response.json()) as { view: { kind: string } }).view.kind;
    };
    const older = at(0.25);
    await expect.poll(() => engine.requests.length).toBe(2);
    const newer = at(0.75);
    expect(await older).toBe('cancelled');
    engine.held = false;
    expect(await newer).toBe('result');
  });

  it('is cancelled by its button', async () => {
    const { ada, engine } = await serve();
    engine.held = true;
    const { message } = await ada.make();
    const { progress } = await ada.until(message.id, (one) => one.progress?.buttons.length === 1);
    await ada.press(progress?.buttons[0]?.[0]?.id ?? '', {}, { message: message.id });
    const { view } = await ada.until(message.id, (one) => !one.progress);
    expect(view?.kind).toBe('cancelled');
  });

  it('is forgotten to the last byte, and what was running does not come back', async () => {
    const { ada, engine, close } = await serve();
    engine.held = true;
    const form = { title: 'a secret title' };
    const all = { before: 'picture 1', after: 'picture 2', picture: 'picture 3' };
    const files = Object.fromEntries(
      Object.entries(all).map(([name, text]) => [name, new Blob([text])]),
    );
    await ada.send('api/run', ada.form('analogy', files, form));
    const stream = await ada.stream();
    expect(JSON.stringify(await stream.next())).toContain('a secret title');
    // The page does nothing more than to press the button.
    const { view } = (await ada.run('forget')) as unknown as { view: View };
    const [yes, keep] = view.buttons.flat();
    expect(await ada.press(keep?.id ?? '')).toMatchObject({ view: { kind: 'text' } });
    expect(JSON.stringify(await (await ada.stream()).next())).toContain('a secret title');
    expect(await ada.press('forgetyes~1234')).toMatchObject({ view: { kind: 'problem' } });
    expect(JSON.stringify(await (await ada.stream()).next())).toContain('a secret title');
    expect(await ada.press(yes?.id ?? '')).toMatchObject({ view: { kind: 'text' } });
    for (;;) if ('cleared' in (await stream.next())) break;
    engine.held = false;
    const second = await ada.make();
    await ada.until(second.message.id, isResult);
    const now = await (await ada.stream()).next();
    expect(now).toMatchObject({ messages: [{ id: second.message.id }] });
    for (const name of ['messages.sqlite', 'messages.sqlite-wal']) {
      expect(readFileSync(join(folder, name), 'latin1')).not.toContain('secret title');
    }
    await close();
  });
});

describe('what is shown once', () => {
  it('lists, questions, and files with their bytes', async () => {
    const { ada } = await serve();
    const first = await ada.until((await ada.make()).message.id, isResult);
    const name = button(first, 'Name').id;
    const saved = await ada.press(name, { name: 'with glasses' }, { message: first.id });
    expect(saved).toMatchObject({ view: { kind: 'text' } });
    expect(await ada.run('library')).toMatchObject({
      view: { kind: 'list', items: [{ title: 'with glasses' }] },
    });
    const response = await ada.get('api/complete?text=glass');
    expect(await response.json()).toEqual(['with glasses']);
    const exported = await ada.run('export', { analogy: 'with glasses' });
    expect(exported).toMatchObject({
      view: {
        files: [{ url: expect.stringMatching(/^data:application\/octet-stream;base64,\w/) }],
      },
    });
    expect(await ada.run('forget')).toMatchObject({ view: { kind: 'confirm' } });
    expect(await ada.run('nothing')).toMatchObject({ view: { kind: 'problem' } });
    expect(await (await ada.stream()).next()).toEqual({ messages: [first] });
  });
});
