import { expect, it } from 'vitest';
import type { Button, ListView, View } from '../../../src/commands/port.ts';
import { listIn, problemIn, type Stage } from './platform.ts';

/** The analogies that have names. */
export function libraryContract(stage: Stage): void {
  it('library: names, lists, completes, describes, renames, exports, imports, deletes', async () => {
    const { job } = await stage.make();
    await stage.platform.run('name', { job, name: 'glasses' });
    await stage.platform.run('describe', { analogy: 'glasses', description: 'puts them on' });
    await stage.platform.run('rename', { analogy: 'glasses', name: 'spectacles' });
    expect(await stage.platform.complete('spec')).toEqual(['spectacles']);
    const list = listIn(await stage.platform.run('library'));
    expect(list.items).toMatchObject([{ title: 'spectacles' }]);
    const [item] = list.items;
    const exported = (await stage.platform.run('export', { analogy: 'spectacles' })).at(-1);
    expect(exported).toMatchObject({ files: [{ name: 'spectacles.safetensors' }] });
    const imported = { file: stage.picture('{"name": "beard"}') };
    await stage.platform.run('import', imported);
    expect(listIn(await stage.platform.run('library', { search: 'bear' })).items).toHaveLength(1);
    expect(problemIn(await stage.platform.run('import', imported)).code).toBe('ANALOGY_NAME_TAKEN');
    const buttons = item?.buttons ?? [];
    for (const { id, asks } of buttons) {
      const last = (
        await stage.platform.press(id, asks ? { picture: stage.picture('picture e') } : {})
      ).at(-1) as View;
      expect(last.kind).not.toBe('problem');
    }
    const question = (await stage.platform.run('delete', { analogy: 'spectacles' })).at(-1) as View;
    expect(question.kind).toBe('confirm');
    const [yes, no] = question.buttons.flat() as [Button, Button];
    await stage.platform.press(no.id);
    expect(await stage.platform.complete('spec')).toEqual(['spectacles']);
    await stage.platform.press(yes.id);
    expect(await stage.platform.complete('spec')).toEqual([]);
    const gone = problemIn(await stage.platform.press(buttons[1]?.id ?? ''));
    expect(gone).toMatchObject({ code: 'ANALOGY_UNKNOWN' });
    expect(gone.sentence).toMatch(/deleted/);
  });

  it('library: more than a page', async () => {
    const { job } = await stage.make();
    for (let i = 0; i < 12; i++) await stage.platform.run('name', { job, name: `n${i}` });
    const first = listIn(await stage.platform.run('library'));
    expect(first.items).toHaveLength(10);
    const more = first.buttons.flat()[0] as Button;
    expect(listIn(await stage.platform.press(more.id)).items.map(({ title }) => title)).toEqual([
      'n10',
      'n11',
    ]);
  });

  it('library: a search says how many there are, and goes through them page by page', async () => {
    const { job } = await stage.make();
    const search = async (text: string) =>
      listIn(await stage.platform.run('library', { search: text }));
    const more = async ({ buttons }: ListView) =>
      listIn(await stage.platform.press(buttons.flat()[0]?.id ?? ''));
    const add = async (count: number, name: string) => {
      for (let i = 0; i < count; i++) await stage.platform.run('name', { job, name: name + i });
    };
    await add(12, 'ähnlich');
    await stage.platform.run('name', { job, name: 'beard' });
    const first = await search('ähnlich');
    expect(first.items).toHaveLength(10);
    expect(first.title).toBe('Analogies with “ähnlich” (1 to 10 of 12)');
    const second = await more(first);
    expect(second.items.map(({ title }) => title)).toEqual(['ähnlich10', 'ähnlich11']);
    expect(second.title).toContain('11 to 12 of 12');
    expect(second.buttons).toEqual([]);
    expect((await search('beard')).title).toBe('Analogies with “beard” (1)');
    expect(await search('nowhere')).toMatchObject({ items: [], buttons: [] });
    await add(14, 'many ähnlich');
    let last = await search('ähnlich');
    while (last.buttons.length > 0) last = await more(last);
    expect(last.items).toHaveLength(5);
    expect(last.title).toMatch(/21 to 25 of 25, and perhaps more/);
  });
}
