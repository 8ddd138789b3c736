import { expect, it } from 'vitest';
import type { Button, View } from '../../../src/commands/port.ts';
import { problemIn, resultIn, type Stage } from './platform.ts';

/** What can be done with a result. */
export function refiningContract(stage: Stage): void {
  it('refine: does what the buttons do, and both dials at any place', async () => {
    const { job } = await stage.make();
    const refine = async (input: Record<string, unknown>) =>
      (await stage.platform.run('refine', input)).at(-1) as View;
    await refine({ action: 'at', job, strength: '0.7', guidance: '3.5' });
    expect(stage.asked()).toMatchObject({
      output: 'cells',
      dials: { lambda: [0.7], guidance: [3.5] },
    });
    expect(await refine({ action: 'pick', job, strength: 1.5 })).toMatchObject({
      kind: 'result',
      pictureKind: 'cell',
      picture: `${job}.3`,
    });
    await refine({ action: 'reverse', job });
    expect(stage.asked().dials.lambda).toEqual([0, -0.5, -1, -1.5, -2]);
    await refine({ action: 'table', job });
    expect(stage.asked().dials).toEqual({ lambda: [0.5, 1, 1.5], guidance: [1, 2, 3] });
  });

  it('reverse: of strengths below 0 leads back above it', async () => {
    const { job } = await stage.make();
    const back = resultIn(await stage.platform.run('refine', { action: 'reverse', job }));
    const reverse = back.buttons.flat().find(({ id }) => id.startsWith('reverse')) as Button;
    resultIn(await stage.platform.press(reverse.id));
    expect(stage.asked().dials.lambda).toEqual([0, 0.5, 1, 1.5, 2]);
    const one = { action: 'pick', job: back.job, strength: -1.5 };
    const cell = resultIn(await stage.platform.run('refine', one));
    expect(cell.cells).toMatchObject([{ lambda: -1.5 }]);
    const alone = cell.buttons.flat().find(({ id }) => id.startsWith('reverse')) as Button;
    resultIn(await stage.platform.press(alone.id));
    expect(stage.asked()).toMatchObject({
      output: 'cells',
      dials: { lambda: [1.5], guidance: [2] },
    });
  });

  it('a moving picture: its buttons refine what moves, and none makes it move again', async () => {
    const { job, buttons } = await stage.make();
    const animate = buttons.flat().find(({ id }) => id.startsWith('animate')) as Button;
    const moving = resultIn(await stage.platform.press(animate.id));
    expect(moving).toMatchObject({ pictureKind: 'animation', parent: job });
    const all = moving.buttons.flat();
    const actions = all.map(({ id }) => id.split('~')[0] as string);
    expect(actions).toEqual(
      expect.arrayContaining([
        'stronger',
        'reverse',
        'combine',
        'apply',
        'name',
        'original',
        'undo',
      ]),
    );
    expect(actions).not.toContain('animate');
    expect(actions).not.toContain('pick');
    for (const { id } of all.filter(({ asks }) => !asks)) {
      const last = (await stage.platform.press(id)).at(-1) as View;
      expect([id.split('~')[0], last.kind]).not.toEqual([id.split('~')[0], 'problem']);
    }
    const undo = all.find(({ id }) => id.startsWith('undo')) as Button;
    expect(resultIn(await stage.platform.press(undo.id)).job).toBe(job);
  });

  it('what was found about B is gone: offers to make it again', async () => {
    const { buttons } = await stage.make();
    stage.engine.inverted.clear();
    const press = buttons.flat().find(({ id }) => id.startsWith('stronger')) as Button;
    const problem = problemIn(await stage.platform.press(press.id));
    expect(problem.code).toBe('INVERSION_GONE');
    resultIn(await stage.platform.press(problem.buttons.flat()[0]?.id ?? ''));
    expect(stage.asked()).toMatchObject({ kind: 'apply' });
  });

  it('undo: there is nothing before the first', async () => {
    const { job } = await stage.make();
    expect(problemIn(await stage.platform.run('refine', { action: 'undo', job })).code).toBe(
      'INPUT_INVALID',
    );
  });
}
