import { expect, it } from 'vitest';
import type { Button } from '../../../src/commands/port.ts';
import { commandErrors } from '../../../src/errors/commands.ts';
import { errors, LikewiseError } from '../../../src/errors.ts';
import { problemIn, type Stage } from './platform.ts';

/** What goes wrong is a sentence, and says what to do. */
export function problemsContract(stage: Stage): void {
  it('tells every error of the engine with code, sentence and what to do, and no more', async () => {
    const codes = Object.keys(errors) as (keyof typeof errors)[];
    const { buttons } = await stage.make();
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
      stage.engine.fault = new LikewiseError(code, filled as never);
      const problem = problemIn(await stage.platform.press(press.id));
      expect(problem.code).toBe(code);
      expect(problem.sentence).toMatch(/\.$/);
      expect(problem.next).toMatch(/\.$/);
      expect(JSON.stringify(problem)).not.toMatch(/srv|LIKEWISE_|undefined|\{\w+\}/);
    }
    stage.engine.fault = new Error('ENOENT: /srv/secret/file.ts:3');
    const fault = problemIn(await stage.platform.press(press.id));
    expect(fault.code).toBe('INTERNAL');
    expect(JSON.stringify(fault)).not.toMatch(/srv|ENOENT/);
  });

  it('a job that failed says why', async () => {
    const details = { crashes: 3 };
    stage.engine.failure = { code: 'JOB_POISONED', message: '', details };
    const problem = problemIn(await stage.platform.run('analogy', stage.three()));
    expect(problem).toMatchObject({ code: 'JOB_POISONED' });
    expect(problem.sentence).toContain('3 times');
  });

  it('says which picture is refused', async () => {
    const views = await stage.platform.run('analogy', {
      ...stage.three(),
      after: stage.picture('no such thing'),
    });
    expect(problemIn(views)).toMatchObject({ code: 'PICTURE_UNKNOWN' });
    expect(problemIn(views).sentence).toMatch(/^A' /);
  });

  it('a picture that is no longer kept is a sentence', async () => {
    const { cells } = await stage.make();
    stage.engine.files.clear();
    const problem = problemIn(await stage.platform.press(cells[0]?.pick ?? ''));
    expect(problem).toMatchObject({ code: 'FILE_UNKNOWN' });
  });

  it('knows no other button', async () => {
    for (const id of ['', 'nonsense', 'pick~x~y', '~~~', 'constructor', 'x'.repeat(200)]) {
      expect(problemIn(await stage.platform.press(id)).code).toBe('COMMAND_UNKNOWN');
    }
  });

  it('refuses wrong input by the field', async () => {
    const wrong = async (command: string, input: Record<string, unknown>) =>
      problemIn(await stage.platform.run(command, input));
    const { before, after } = stage.three();
    expect((await wrong('analogy', { before, after })).sentence).toMatch(/^picture /);
    expect((await wrong('analogy', { ...stage.three(), before2: before })).sentence).toMatch(
      /^after2 /,
    );
    expect((await wrong('analogy', { ...stage.three(), strengths: 'much' })).sentence).toMatch(
      /^strengths /,
    );
    expect((await wrong('rename', { analogy: 'x' })).sentence).toBe(
      'name cannot be used: it is missing.',
    );
    expect(
      (await wrong('analogy', { ...stage.three(), strengths: [...Array(60).keys()] })).code,
    ).toBe('CELLS_TOO_MANY');
  });
}
