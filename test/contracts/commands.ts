import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  Button,
  LazyFile,
  ListView,
  ProblemView,
  ResultView,
  View,
} from '../../src/commands/port.ts';
import { longestId } from '../../src/commands/press.ts';
import type { JobRequest } from '../../src/engine/protocol.ts';
import { commandErrors } from '../../src/errors/commands.ts';
import { errors, LikewiseError } from '../../src/errors.ts';
import { type fakeEngine as FakeEngine, fakeEngine } from '../commands/fake-engine.ts';

/** Who acts on the platform; it may leave out what it has no word for. */
export interface Who {
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly moderator?: boolean;
  readonly admin?: boolean;
}

/** A platform as the suite drives it: views are those that its users get to see, in order. */
export interface Platform {
  readonly names: readonly string[];
  run(name: string, input?: Record<string, unknown>, who?: Who): Promise<View[]>;
  press(id: string, values?: Record<string, unknown>, who?: Who): Promise<View[]>;
  complete(text: string, who?: Who): Promise<readonly string[]>;
  file(id: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface PlatformTraits {
  /**
   * Whether a user other than the first can act in the same tenant, and has roles; otherwise why not,
   * in a few words: the cases of it are skipped with them. @default true
   */
  readonly several?: true | string;
}

/** What every platform must be able to do with the commands: each of them, each button, each error. */
export function commandsContract(
  name: string,
  open: (engine: ReturnType<typeof FakeEngine>) => Promise<Platform>,
  picture: (text: string) => LazyFile,
  { several = true }: PlatformTraits = {},
): void {
  describe(`${name} offers the commands`, () => {
    let engine: ReturnType<typeof FakeEngine>;
    let platform: Platform;
    beforeEach(async () => {
      engine = fakeEngine();
      platform = await open(engine);
    });
    afterEach(() => platform.close());

    const three = () => ({
      before: picture('picture a'),
      after: picture('picture a2'),
      picture: picture('picture b'),
    });
    const make = async () => resultIn(await platform.run('analogy', three()));
    const asked = () => engine.requests.at(-1) as JobRequest;

    it('analogy: reads, waits with position and ETA, shows previews, then the grid', async () => {
      const views = await platform.run('analogy', three());
      const result = resultIn(views);
      const progress = views.filter((view) => view.kind === 'progress');
      expect(progress.some(({ position, eta }) => position === 2 && eta)).toBe(true);
      expect(progress.some(({ preview }) => preview !== undefined)).toBe(true);
      expect(result.cells.map(({ lambda }) => lambda)).toEqual([0, 0.5, 1, 1.5, 2]);
      expect(result.suggested).toBe(2);
      expect(result.alt).not.toBe('');
      expect(await platform.file(result.picture ?? '')).toEqual(bytesOf(`${result.job}.grid`));
      expect(asked()).toMatchObject({ kind: 'analogy', pairs: [{}] });
    });

    it('analogy: more pairs, words, both dials, and what was done to a picture', async () => {
      const result = resultIn(
        await platform.run('analogy', {
          ...three(),
          picture: picture('picture that moves'),
          before3: picture('picture c'),
          after3: picture('picture c2'),
          text: 'smiling',
          strengths: '0, 1; 2',
          guidance: [1, 2],
        }),
      );
      expect(result.cells).toHaveLength(6);
      expect(result.remarks.join()).toMatch(/^B .*is animated/);
      expect(asked()).toMatchObject({ pairs: [{}, {}], text: 'smiling' });
    });

    it('every button of a result can be pressed, and none inverts but those that say so', async () => {
      const seen = new Set<string>();
      const first = await make();
      const views: ResultView[] = [first];
      const pressAll = async (view: ResultView) => {
        for (const { id, asks } of view.buttons.flat()) {
          const action = id.split('~')[0] as string;
          const values = {
            analogy: 'glasses',
            name: `n ${seen.size} ${views.length}`,
            picture: picture('picture d'),
          };
          const names = new Set(asks?.map((field) => field.name));
          const given = Object.entries(values).filter(([field]) => names.has(field));
          const before = engine.requests.length;
          const last = (await platform.press(id, Object.fromEntries(given))).at(-1) as View;
          expect([action, last.kind]).not.toEqual([action, 'problem']);
          for (const request of engine.requests.slice(before)) {
            expect([action, request.kind]).toEqual([
              action,
              action === 'apply' ? 'apply' : 'render',
            ]);
            expect(request).toMatchObject({ parent: view.job });
          }
          if (last.kind === 'result' && !seen.has(action)) views.push(last);
          seen.add(action);
        }
      };
      await platform.run('name', { name: 'glasses' });
      await pressAll(first);
      for (const view of views.slice(1)) {
        const undo = view.buttons.flat().find(({ id }) => id.startsWith('undo'));
        if (undo) expect(resultIn(await platform.press(undo.id)).job).toBe(view.parent);
        const back = view.buttons.flat().find(({ id }) => id.startsWith('back'));
        if (back) expect(resultIn(await platform.press(back.id)).pictureKind).toBe('grid');
      }
      expect([...seen].sort()).toEqual(
        [
          'animate',
          'apply',
          'combine',
          'finer',
          'less',
          'more',
          'name',
          'original',
          'pick',
          'reverse',
          'stronger',
          'table',
          'weaker',
        ].sort(),
      );
    });

    it('refine: does what the buttons do, and both dials at any place', async () => {
      const { job } = await make();
      const refine = async (input: Record<string, unknown>) =>
        (await platform.run('refine', input)).at(-1) as View;
      await refine({ action: 'at', job, strength: '0.7', guidance: '3.5' });
      expect(asked()).toMatchObject({
        output: 'cells',
        dials: { lambda: [0.7], guidance: [3.5] },
      });
      expect(await refine({ action: 'pick', job, strength: 1.5 })).toMatchObject({
        kind: 'result',
        pictureKind: 'cell',
        picture: `${job}.3`,
      });
      await refine({ action: 'reverse', job });
      expect(asked().dials.lambda).toEqual([0, -0.5, -1, -1.5, -2]);
      await refine({ action: 'table', job });
      expect(asked().dials).toEqual({ lambda: [0.5, 1, 1.5], guidance: [1, 2, 3] });
    });

    it('apply: of a result, by name, and from a file; the latest where none is named', async () => {
      const { job, analogy } = await make();
      await platform.run('name', { job, name: 'glasses', description: 'puts glasses on' });
      const b = { picture: picture('picture d') };
      for (const way of [{ job }, { analogy: 'glasses' }, {}]) {
        const result = resultIn(await platform.run('apply', { ...b, ...way }));
        expect(asked()).toMatchObject({ kind: 'apply', analogies: [{ analogy, weight: 1 }] });
        expect(result.analogy).toBe(analogy);
      }
      const file = picture('{"name": "beard"}');
      expect(resultIn(await platform.run('apply', { ...b, file })).analogy).toMatch(/^i\./);
      const both = problemIn(await platform.run('apply', { ...b, job, analogy: 'glasses' }));
      expect(both.code).toBe('INPUT_INVALID');
    });

    it('library: names, lists, completes, describes, renames, exports, imports, deletes', async () => {
      const { job } = await make();
      await platform.run('name', { job, name: 'glasses' });
      await platform.run('describe', { analogy: 'glasses', description: 'puts them on' });
      await platform.run('rename', { analogy: 'glasses', name: 'spectacles' });
      expect(await platform.complete('spec')).toEqual(['spectacles']);
      const list = listIn(await platform.run('library'));
      expect(list.items).toMatchObject([{ title: 'spectacles' }]);
      const [item] = list.items;
      const exported = (await platform.run('export', { analogy: 'spectacles' })).at(-1);
      expect(exported).toMatchObject({ files: [{ name: 'spectacles.safetensors' }] });
      const imported = { file: picture('{"name": "beard"}') };
      await platform.run('import', imported);
      expect(listIn(await platform.run('library', { search: 'bear' })).items).toHaveLength(1);
      expect(problemIn(await platform.run('import', imported)).code).toBe('ANALOGY_NAME_TAKEN');
      const buttons = item?.buttons ?? [];
      for (const { id, asks } of buttons) {
        const last = (await platform.press(id, asks ? { picture: picture('picture e') } : {})).at(
          -1,
        ) as View;
        expect(last.kind).not.toBe('problem');
      }
      const question = (await platform.run('delete', { analogy: 'spectacles' })).at(-1) as View;
      expect(question.kind).toBe('confirm');
      const [yes, no] = question.buttons.flat() as [Button, Button];
      await platform.press(no.id);
      expect(await platform.complete('spec')).toEqual(['spectacles']);
      await platform.press(yes.id);
      expect(await platform.complete('spec')).toEqual([]);
      const gone = problemIn(await platform.press(buttons[1]?.id ?? ''));
      expect(gone).toMatchObject({ code: 'ANALOGY_UNKNOWN' });
      expect(gone.sentence).toMatch(/deleted/);
    });

    it('library: more than a page', async () => {
      const { job } = await make();
      for (let i = 0; i < 12; i++) await platform.run('name', { job, name: `n${i}` });
      const first = listIn(await platform.run('library'));
      expect(first.items).toHaveLength(10);
      const more = first.buttons.flat()[0] as Button;
      expect(listIn(await platform.press(more.id)).items.map(({ title }) => title)).toEqual([
        'n10',
        'n11',
      ]);
    });

    it('status and cancel: my jobs, and the queue', async () => {
      engine.held = true;
      const running = platform.run('analogy', three());
      const list = await until(async () => {
        const view = listIn(await platform.run('status'));
        return view.items.length > 0 && view;
      });
      expect(list.title).toMatch(/1 to draw, 2 to look into/);
      const cancel = list.items[0]?.buttons.find(({ id }) => id.startsWith('cancel')) as Button;
      expect((await platform.press(cancel.id)).at(-1)?.kind).toBe('cancelled');
      expect((await running).at(-1)).toMatchObject({ kind: 'cancelled', replaced: false });
      expect((await platform.run('cancel')).at(-1)?.kind).toBe('text');
    });

    it('show: the result again, after it was made', async () => {
      const { job } = await make();
      expect(resultIn(await platform.run('show', { job }))).toMatchObject({ job });
      expect(resultIn(await platform.run('show'))).toMatchObject({ job });
    });

    it('forget: asks, then says what was removed, and the buttons of old messages know', async () => {
      const { job, buttons } = await make();
      const question = (await platform.run('forget')).at(-1) as View;
      expect(question.kind).toBe('confirm');
      const last = (await platform.press(question.buttons.flat()[0]?.id ?? '')).at(-1);
      expect(last).toMatchObject({ kind: 'text' });
      expect(JSON.stringify(last)).toMatch(/3 pictures.*1 jobs/);
      const gone = problemIn(await platform.press(buttons.flat()[0]?.id ?? ''));
      expect(gone).toMatchObject({ code: 'JOB_UNKNOWN' });
      expect(gone.sentence).not.toContain(job);
    });

    it('help: names every command', async () => {
      const help = JSON.stringify((await platform.run('help')).at(-1));
      const shown = platform.names.filter((each) => each !== 'settings');
      for (const command of shown) expect(help).toContain(`${command}: `);
    });

    it('tells every error of the engine with code, sentence and what to do, and no more', async () => {
      const codes = Object.keys(errors) as (keyof typeof errors)[];
      const { buttons } = await make();
      const press = buttons.flat().find(({ id }) => id.startsWith('stronger')) as Button;
      const secret = '/srv/secret';
      for (const code of codes) {
        const { what, todo } = errors[code];
        const names = [...`${what}${todo}`.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => key);
        // What these say of pictures, analogies and numbers is for members to read.
        const isPlain = /^(PICTURE_(?!MISSING)|ANALOGY|LIMIT|LIBRARY|CELLS|JOB_(?!FAI)|INTAKE_B)/;
        const isTold = isPlain.test(code) || Object.hasOwn(commandErrors, code);
        const value = (key: string) => (isTold || key === 'retrySeconds' ? 7 : secret);
        const filled = Object.fromEntries(names.map((key) => [key, value(key)]));
        engine.fault = new LikewiseError(code, filled as never);
        const problem = problemIn(await platform.press(press.id));
        expect(problem.code).toBe(code);
        expect(problem.sentence).toMatch(/\.$/);
        expect(problem.next).toMatch(/\.$/);
        expect(JSON.stringify(problem)).not.toMatch(/srv|LIKEWISE_|undefined|\{\w+\}/);
      }
      engine.fault = new Error('ENOENT: /srv/secret/file.ts:3');
      const fault = problemIn(await platform.press(press.id));
      expect(fault.code).toBe('INTERNAL');
      expect(JSON.stringify(fault)).not.toMatch(/srv|ENOENT/);
    });

    it('a job that failed says why', async () => {
      const details = { crashes: 3 };
      engine.failure = { code: 'JOB_POISONED', message: '', details };
      const problem = problemIn(await platform.run('analogy', three()));
      expect(problem).toMatchObject({ code: 'JOB_POISONED' });
      expect(problem.sentence).toContain('3 times');
    });

    it('says which picture is refused', async () => {
      const views = await platform.run('analogy', { ...three(), after: picture('no such thing') });
      expect(problemIn(views)).toMatchObject({ code: 'PICTURE_UNKNOWN' });
      expect(problemIn(views).sentence).toMatch(/^A' /);
    });

    it('what was found about B is gone: offers to make it again', async () => {
      const { buttons } = await make();
      engine.inverted.clear();
      const press = buttons.flat().find(({ id }) => id.startsWith('stronger')) as Button;
      const problem = problemIn(await platform.press(press.id));
      expect(problem.code).toBe('INVERSION_GONE');
      resultIn(await platform.press(problem.buttons.flat()[0]?.id ?? ''));
      expect(asked()).toMatchObject({ kind: 'apply' });
    });

    it('a picture that is no longer kept is a sentence', async () => {
      const { cells } = await make();
      engine.files.clear();
      const problem = problemIn(await platform.press(cells[0]?.pick ?? ''));
      expect(problem).toMatchObject({ code: 'FILE_UNKNOWN' });
    });

    it('knows no other button', async () => {
      for (const id of ['', 'nonsense', 'pick~x~y', '~~~', 'constructor', 'x'.repeat(200)]) {
        expect(problemIn(await platform.press(id)).code).toBe('COMMAND_UNKNOWN');
      }
    });

    it('refuses wrong input by the field', async () => {
      const wrong = async (command: string, input: Record<string, unknown>) =>
        problemIn(await platform.run(command, input));
      const { before, after } = three();
      expect((await wrong('analogy', { before, after })).sentence).toMatch(/^picture /);
      expect((await wrong('analogy', { ...three(), before2: before })).sentence).toMatch(
        /^after2 /,
      );
      expect((await wrong('analogy', { ...three(), strengths: 'much' })).sentence).toMatch(
        /^strengths /,
      );
      expect((await wrong('rename', { analogy: 'x' })).sentence).toBe(
        'name cannot be used: it is missing.',
      );
      expect((await wrong('analogy', { ...three(), strengths: [...Array(60).keys()] })).code).toBe(
        'CELLS_TOO_MANY',
      );
    });

    it('undo: there is nothing before the first', async () => {
      const { job } = await make();
      expect(problemIn(await platform.run('refine', { action: 'undo', job })).code).toBe(
        'INPUT_INVALID',
      );
    });

    it('every button is short enough for every platform, and so are the rows', async () => {
      const views = [await make(), listIn(await platform.run('status'))];
      for (const { buttons } of views) {
        for (const row of buttons) expect(row.length).toBeLessThanOrEqual(5);
        for (const { id, label } of buttons.flat()) {
          expect(id.length).toBeLessThanOrEqual(longestId);
          expect(label.length).toBeLessThanOrEqual(80);
        }
      }
    });

    const alone = several === true ? '' : ` (skipped: ${several})`;
    describe.runIf(several === true)(`with several users${alone}`, () => {
      it('cancel is for whoever began it, and moderators', async () => {
        engine.held = true;
        const running = platform.run('analogy', three());
        const job = await until(async () => listIn(await platform.run('status')).items[0]?.ref);
        const other = problemIn(await platform.run('cancel', { job }, { user: 'bob' }));
        expect(other.code).toBe('JOB_NOT_YOURS');
        const who = { user: 'bob', moderator: true };
        expect((await platform.run('cancel', { job }, who)).at(-1)?.kind).toBe('cancelled');
        expect((await running).at(-1)?.kind).toBe('cancelled');
      });

      it('what somebody saved is theirs', async () => {
        await make();
        await platform.run('name', { name: 'glasses' });
        const rename = { analogy: 'glasses', name: 'x' };
        const other = problemIn(await platform.run('rename', rename, { user: 'bob' }));
        expect(other.code).toBe('ANALOGY_NOT_YOURS');
        const views = await platform.run('rename', rename, { user: 'bob', moderator: true });
        expect(views.at(-1)?.kind).toBe('text');
      });

      it('nobody forgets for another', async () => {
        const question = (await platform.run('forget')).at(-1) as View;
        const yes = question.buttons.flat()[0] as Button;
        expect(problemIn(await platform.press(yes.id, {}, { user: 'bob' })).code).toBe(
          'JOB_NOT_YOURS',
        );
      });

      it('settings: only admins, and they hold', async () => {
        expect(problemIn(await platform.run('settings')).code).toBe('ADMINS_ONLY');
        const admin = { admin: true };
        const set = async (input: Record<string, unknown>) =>
          (await platform.run('settings', input, admin)).at(-1)?.kind;
        expect(await set({ roles: '7, 8', spoilers: 'true', privatereplies: true })).toBe('text');
        expect(problemIn(await platform.run('analogy', three())).code).toBe('ROLE_MISSING');
        const member = { roles: ['8'] };
        const result = resultIn(await platform.run('analogy', three(), member));
        expect(result).toMatchObject({ spoiler: true, private: true });
        await set({ roles: 'everyone', perday: 1 });
        const quota = problemIn(await platform.run('analogy', three()));
        expect(quota).toMatchObject({ code: 'QUOTA_USED' });
        expect(quota.retrySeconds).toBeGreaterThan(0);
        await set({ roleperday: '8=2' });
        resultIn(await platform.run('analogy', three(), member));
        expect(problemIn(await platform.run('analogy', three(), member)).code).toBe('QUOTA_USED');
        await set({ blocked: 'ada' });
        expect(problemIn(await platform.run('library')).code).toBe('ROLE_MISSING');
        await set({ enabled: false });
        expect(problemIn(await platform.run('library')).code).toBe('COMMANDS_OFF');
        expect((await platform.run('forget')).at(-1)?.kind).toBe('confirm');
        expect(problemIn(await platform.run('settings', { roleperday: 'x' }, admin)).code).toBe(
          'INPUT_INVALID',
        );
      });
    });
  });
}

function resultIn(views: readonly View[]): ResultView {
  const last = views.at(-1);
  if (last?.kind !== 'result') throw new Error(`no result: ${JSON.stringify(last)}`);
  return last;
}

function problemIn(views: readonly View[]): ProblemView {
  const last = views.at(-1);
  if (last?.kind !== 'problem') throw new Error(`no problem: ${JSON.stringify(last)}`);
  return last;
}

function listIn(views: readonly View[]): ListView {
  const last = views.at(-1);
  if (last?.kind !== 'list') throw new Error(`no list: ${JSON.stringify(last)}`);
  return last;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Waits for something that comes by itself. */
async function until<Value>(look: () => Promise<Value | false | undefined>): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
