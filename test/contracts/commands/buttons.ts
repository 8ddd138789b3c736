import { expect, it } from 'vitest';
import type { ResultView, View } from '../../../src/commands/port.ts';
import { longestId } from '../../../src/commands/press.ts';
import { resultIn, type Stage } from './platform.ts';

/** The buttons, each and all. */
export function buttonsContract(stage: Stage): void {
  it('every button of a result can be pressed, and none inverts but those that say so', async () => {
    const seen = new Set<string>();
    const first = await stage.make();
    const views: ResultView[] = [first];
    const pressAll = async (view: ResultView) => {
      for (const { id, asks } of view.buttons.flat()) {
        const action = id.split('~')[0] as string;
        const values = {
          analogy: 'glasses',
          name: `n ${seen.size} ${views.length}`,
          picture: stage.picture('picture d'),
        };
        const names = new Set(asks?.map((field) => field.name));
        const given = Object.entries(values).filter(([field]) => names.has(field));
        const before = stage.engine.requests.length;
        const last = (await stage.platform.press(id, Object.fromEntries(given))).at(-1) as View;
        expect([action, last.kind]).not.toEqual([action, 'problem']);
        for (const request of stage.engine.requests.slice(before)) {
          expect([action, request.kind]).toEqual([action, action === 'apply' ? 'apply' : 'render']);
          expect(request).toMatchObject({ parent: view.job });
        }
        if (last.kind === 'result' && !seen.has(action)) views.push(last);
        seen.add(action);
      }
    };
    await stage.platform.run('name', { name: 'glasses' });
    await pressAll(first);
    let backs = 0;
    for (const view of views.slice(1)) {
      const idOf = (action: string) =>
        view.buttons.flat().find(({ id }) => id.startsWith(`${action}~`))?.id;
      // A refinement can be undone; a picked cell leads back to the grid that it is of.
      expect([view.text, idOf('undo') !== undefined]).toEqual([view.text, 'parent' in view]);
      if (view.job !== first.job) expect(view.parent).toBe(first.job);
      if (view.parent !== undefined) {
        const undone = await stage.platform.press(idOf('undo') ?? '');
        expect(resultIn(undone).job).toBe(view.parent);
      }
      const isPicked = view.job === first.job && view.pictureKind === 'cell';
      expect([view.text, idOf('back') !== undefined]).toEqual([view.text, isPicked]);
      if (!isPicked) continue;
      expect(resultIn(await stage.platform.press(idOf('back') ?? '')).pictureKind).toBe('grid');
      backs++;
    }
    expect(backs).toBeGreaterThan(0);
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

  it('buttons are short enough for every platform, and so are rows; no id comes twice', async () => {
    const { run, press } = stage.platform;
    const last = async (views: Promise<View[]>) => (await views).at(-1) as View;
    const first = await stage.make();
    const id = (view: View, action: string) =>
      view.buttons.flat().find((button) => button.id.startsWith(`${action}~`))?.id ?? '';
    await run('name', { name: 'glasses' });
    await run('import', { file: stage.picture('{"name": "beard"}') });
    const twice = { strengths: '1, 1, 1.00001, 0', guidance: '2, 2' };
    const views = [
      first,
      await last(run('analogy', { ...stage.three(), ...twice })),
      await last(press(first.cells[3]?.pick ?? '')),
      await last(press(id(first, 'animate'))),
      await last(press(id(first, 'table'))),
      await last(press(id(first, 'stronger'))),
      await last(run('status')),
      await last(run('library')),
      await last(run('forget')),
      await last(run('delete', { analogy: 'glasses' })),
    ];
    for (const view of views) {
      for (const row of view.buttons) expect(row.length).toBeLessThanOrEqual(5);
      const items = view.kind === 'list' ? view.items.flatMap(({ buttons }) => buttons) : [];
      const all = [...view.buttons.flat(), ...items];
      expect(all.length).toBeGreaterThan(0);
      for (const button of all) {
        expect(button.id.length).toBeLessThanOrEqual(longestId);
        expect(button.label.length).toBeLessThanOrEqual(80);
      }
      const ids = all.map((button) => button.id);
      expect(ids).toEqual([...new Set(ids)]);
    }
  });
}
