import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settled, withVisitor } from './visitor.ts';

withVisitor('the panels', (ada) => {
  it('keeps a library: name, find, rename, delete', async () => {
    await ada.visit();
    await ada.make();
    await ada.result().waitFor();
    await ada.button('Name …').click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('textbox').first().fill('with glasses');
    await ada.page.keyboard.press('Enter');
    await ada.page.locator('.toast', { hasText: 'Saved as with glasses' }).waitFor();
    await ada.button('Library').click();
    await dialog.getByText('with glasses', { exact: true }).waitFor();
    await dialog.getByRole('searchbox').fill('nothing like it');
    await dialog.locator('.empty').waitFor();
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await dialog.getByLabel('Its name').fill('with glasses');
    await dialog.getByRole('textbox', { name: 'The new name' }).fill('spectacles');
    await ada.page.keyboard.press('Enter');
    await dialog.getByText('Changed: spectacles.').waitFor();
    await dialog.getByRole('searchbox').fill('spect');
    await dialog.getByRole('button', { name: 'Delete …' }).click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await dialog.getByText('Deleted: spectacles.').waitFor();
    expect([...ada.engine.named]).toEqual([]);
    expect(ada.wrong).toEqual([]);
  });

  it('cancels', async () => {
    await ada.visit();
    ada.engine.held = true;
    await ada.make();
    await ada.page.locator('.making').getByRole('button', { name: 'Cancel' }).click();
    await ada.page.locator('.card').getByText('Cancelled.').first().waitFor();
    expect(await ada.page.locator('.making:visible').count()).toBe(0);
    expect(ada.wrong).toEqual([]);
  });

  it('forgets all, after a question', async () => {
    await ada.visit();
    await ada.make();
    await ada.result().waitFor();
    await ada.page.locator('#more summary').click();
    await ada.button('Forget me').click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Forget all that is mine' }).click();
    await dialog.getByText(/^Forgotten: 3 pictures/).waitFor();
    await settled(() => ada.page.locator('.card').count()).toBe(0);
    await ada.page.reload();
    await ada.ready();
    expect(await ada.page.locator('.card').count()).toBe(0);
    expect(ada.wrong).toEqual([]);
  });

  it('shows the queue, and cancels from there with one message', async () => {
    await ada.visit();
    const { page, engine } = ada;
    engine.held = true;
    await ada.make();
    await page.getByText('Number 2 in the queue.').first().waitFor();
    await ada.button('Queue').click();
    const dialog = ada.dialog();
    await dialog.getByText('In the queue of all: 1 to draw, 2 to look into.').waitFor();
    await dialog.getByText(/^waiting, /).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    // The panel looks again by itself.
    await dialog.getByText(/^cancelled, /).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.card').getByText('Cancelled.').first().waitFor();
    expect(await page.locator('.card').count()).toBe(1);
    await page.reload();
    await ada.ready();
    expect(await page.locator('.card').count()).toBe(1);
    expect(ada.wrong).toEqual([]);
  });

  it('lists a long library part by part, in words for one visitor', async () => {
    await ada.visit();
    const { page, engine } = ada;
    await ada.make();
    await ada.result().waitFor();
    const [tenant] = [...engine.found.keys()][0]?.split(' ') ?? [];
    for (let n = 1; n <= 23; n++) {
      const about = { analogy: `e.${n}`, name: `change ${n}`, owner: 'visitor', createdAt: n };
      engine.named.set(`${tenant} change ${n}`, about);
    }
    await ada.button('Library').click();
    const dialog = ada.dialog();
    const items = dialog.locator('.items > li');
    await settled(() => items.count()).toBe(10);
    expect(await dialog.textContent()).toContain('Your saved analogies');
    expect(await items.first().textContent()).toContain('made on 1970-01-01');
    expect(await dialog.textContent()).not.toMatch(/visitor|this place/);
    await dialog.getByRole('button', { name: 'More' }).click();
    await settled(() => items.count()).toBe(20);
    const focused = "document.activeElement.closest('li').querySelector('strong').textContent";
    expect(await page.evaluate(focused)).toBe('change 11');
    await dialog.getByRole('button', { name: 'More' }).click();
    await settled(() => items.count()).toBe(23);
    const names = await items.locator('strong').allTextContents();
    expect(names).toEqual(Array.from({ length: 23 }, (_, n) => `change ${n + 1}`));
    expect(await dialog.getByRole('button', { name: 'More' }).count()).toBe(0);
    expect(ada.wrong).toEqual([]);
  });

  it('gives an analogy as a file, and takes it in again', async () => {
    await ada.visit();
    const { page, engine } = ada;
    await ada.make();
    await ada.result().waitFor();
    await ada.button('Name …').click();
    const dialog = ada.dialog();
    await dialog.getByRole('textbox').first().fill('with glasses');
    await page.keyboard.press('Enter');
    await page.locator('.toast', { hasText: 'Saved as with glasses. It is in your' }).waitFor();
    await ada.button('Library').click();
    await dialog.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'with_glasses.safetensors' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('with_glasses.safetensors');
    const bytes = readFileSync(await file.path());
    expect(JSON.parse(bytes.toString())).toMatchObject({ name: 'with glasses' });
    await dialog.getByRole('button', { name: 'Import' }).click();
    const given = { name: 'from.safetensors', mimeType: 'application/octet-stream', buffer: bytes };
    await dialog.getByLabel('An analogy as a .safetensors file').setInputFiles(given);
    await dialog.getByLabel('A name, at most').fill('spectacles');
    await dialog.getByRole('button', { name: 'Go' }).click();
    await dialog.getByText('Saved as spectacles. It is in your library.').waitFor();
    const names = [...engine.named.values()].map(({ name }) => name);
    expect(names).toEqual(['with glasses', 'spectacles']);
    expect(ada.wrong).toEqual([]);
  });
});
