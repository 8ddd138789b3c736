import { expect, it } from 'vitest';
import type { Button, View } from '../../../src/commands/port.ts';
import { listIn, problemIn, resultIn, type Stage, until } from './platform.ts';

/** What goes on, and its end; help. */
export function jobsContract(stage: Stage): void {
  it('status and cancel: my jobs, and the queue', async () => {
    stage.engine.held = true;
    const running = stage.platform.run('analogy', stage.three());
    const list = await until(async () => {
      const view = listIn(await stage.platform.run('status'));
      return view.items.length > 0 && view;
    });
    expect(list.title).toMatch(/1 to draw, 2 to look into/);
    const cancel = list.items[0]?.buttons.find(({ id }) => id.startsWith('cancel')) as Button;
    expect((await stage.platform.press(cancel.id)).at(-1)?.kind).toBe('text');
    expect((await running).at(-1)).toMatchObject({ kind: 'cancelled', replaced: false });
    expect((await stage.platform.run('cancel')).at(-1)?.kind).toBe('text');
  });

  it('show: the result again, after it was made', async () => {
    const { job } = await stage.make();
    expect(resultIn(await stage.platform.run('show', { job }))).toMatchObject({ job });
    expect(resultIn(await stage.platform.run('show'))).toMatchObject({ job });
  });

  it('forget: asks, then says what was removed, and the buttons of old messages know', async () => {
    const { job, buttons } = await stage.make();
    const question = (await stage.platform.run('forget')).at(-1) as View;
    expect(question.kind).toBe('confirm');
    const last = (await stage.platform.press(question.buttons.flat()[0]?.id ?? '')).at(-1);
    expect(last).toMatchObject({ kind: 'text' });
    expect(JSON.stringify(last)).toMatch(/3 pictures.*1 jobs/);
    const gone = problemIn(await stage.platform.press(buttons.flat()[0]?.id ?? ''));
    expect(gone).toMatchObject({ code: 'JOB_UNKNOWN' });
    expect(gone.sentence).not.toContain(job);
  });

  it('help: names every command', async () => {
    const help = JSON.stringify((await stage.platform.run('help')).at(-1));
    const shown = stage.platform.names.filter((each) => each !== 'settings');
    for (const command of shown) {
      expect(help).toContain(`${stage.platform.calledOn?.(command) ?? command}: `);
    }
  });
}
