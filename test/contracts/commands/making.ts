import { expect, it } from 'vitest';
import { bytesOf, problemIn, resultIn, type Stage } from './platform.ts';

/** Making: analogies, and those that are there already. */
export function makingContract(stage: Stage): void {
  it('analogy: reads, waits with position and ETA, shows previews, then the grid', async () => {
    const views = await stage.platform.run('analogy', stage.three());
    const result = resultIn(views);
    const progress = views.filter((view) => view.kind === 'progress');
    expect(progress.some(({ position, eta }) => position === 2 && eta)).toBe(true);
    expect(progress.some(({ preview }) => preview !== undefined)).toBe(true);
    expect(result.cells.map(({ lambda }) => lambda)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(result.suggested).toBe(2);
    expect(result.alt).not.toBe('');
    expect(await stage.platform.file(result.picture ?? '')).toEqual(bytesOf(`${result.job}.grid`));
    expect(stage.asked()).toMatchObject({ kind: 'analogy', pairs: [{}] });
  });

  it('analogy: more pairs, words, both dials, and what was done to a picture', async () => {
    const result = resultIn(
      await stage.platform.run('analogy', {
        ...stage.three(),
        picture: stage.picture('picture that moves'),
        before3: stage.picture('picture c'),
        after3: stage.picture('picture c2'),
        text: 'smiling',
        strengths: '0, 1; 2',
        guidance: [1, 2],
      }),
    );
    expect(result.cells).toHaveLength(6);
    expect(result.remarks.join()).toMatch(/^B .*is animated/);
    expect(stage.asked()).toMatchObject({ pairs: [{}, {}], text: 'smiling' });
  });

  it('apply: of a result, by name, and from a file; the latest where none is named', async () => {
    const { job, analogy } = await stage.make();
    await stage.platform.run('name', { job, name: 'glasses', description: 'puts glasses on' });
    const b = { picture: stage.picture('picture d') };
    for (const way of [{ job }, { analogy: 'glasses' }, {}]) {
      const result = resultIn(await stage.platform.run('apply', { ...b, ...way }));
      expect(stage.asked()).toMatchObject({ kind: 'apply', analogies: [{ analogy, weight: 1 }] });
      expect(result.analogy).toBe(analogy);
    }
    const file = stage.picture('{"name": "beard"}');
    expect(resultIn(await stage.platform.run('apply', { ...b, file })).analogy).toMatch(/^i\./);
    const both = problemIn(await stage.platform.run('apply', { ...b, job, analogy: 'glasses' }));
    expect(both.code).toBe('INPUT_INVALID');
  });
}
