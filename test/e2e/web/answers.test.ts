import { expect, it } from 'vitest';
import { sample, withVisitor } from './visitor.ts';

withVisitor('an answer of the page', (ada) => {
  it('says which picture is looked into, beside what is seen of it', async () => {
    await ada.visit();
    const { page, engine } = ada;
    // The job waits between its first preview and its end.
    const follow = engine.follow;
    const gate = Promise.withResolvers<void>();
    engine.follow = async function* (...asked) {
      for await (const event of follow(...asked)) {
        yield event;
        if (event.kind === 'progress') await gate.promise;
      }
    };
    await ada.make();
    await page.getByText('Looking into B (finding words for it), step 1 of 2.').first().waitFor();
    expect(await ada.widthOf('.making .preview')).toBeGreaterThan(0);
    expect(await page.locator('.preview-frame .badge').textContent()).toBe('B');
    gate.resolve();
    await ada.result().waitFor();
    expect(ada.wrong).toEqual([]);
  });

  it('takes several examples, and gives one back', async () => {
    await ada.visit();
    const { page, engine } = ada;
    await ada.putSamples();
    const file = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}, `) });
    const put = async (name: string, picture: string) => {
      const chosen = page.waitForEvent('filechooser');
      await file(name).click();
      await (await chosen).setFiles(sample(picture));
    };
    for (const nth of [2, 3]) {
      await ada.button('Another example').click();
      expect(await ada.button('Make it').getAttribute('aria-disabled')).toBe('true');
      await put(`A ${nth}`, 'plain');
      await put(`A′ ${nth}`, 'with-glasses');
      await page
        .locator('.zone.filled')
        .nth(2 * nth)
        .waitFor();
    }
    await ada.button('Remove example 3').click();
    expect(await page.locator('.zone.filled').count()).toBe(5);
    await ada.button('Make it').click();
    await ada.result().waitFor();
    const [request] = engine.requests;
    expect(request?.kind === 'analogy' && request.pairs.length).toBe(2);
    for (let more = 2; more < 5; more++) await ada.button('Another example').click();
    expect(await page.locator('.pair .away').count()).toBe(4);
    expect(await ada.button('Another example').isVisible()).toBe(false);
    expect(ada.wrong).toEqual([]);
  });

  it('says in the message why a cell cannot be picked, and keeps the others', async () => {
    await ada.visit();
    const { page, engine } = ada;
    await ada.make();
    await ada.result().waitFor();
    for (const file of [...engine.files]) if (file.endsWith('.3')) engine.files.delete(file);
    await page.locator('.cell').nth(3).click();
    const told = page.locator('.card').getByRole('alert');
    await told.filter({ hasText: 'The picture is no longer kept. Make it again.' }).waitFor();
    expect(await page.locator('.cell').count()).toBe(5);
    expect(await page.locator('.toast').count()).toBe(0);
    await page.locator('.cell').nth(4).click();
    await page.locator('.caption', { hasText: 'strength 2' }).waitFor();
    await told.waitFor({ state: 'detached' });
    await ada.button('Back to the grid').waitFor();
  });

  it('says that a picture has expired, in place of a broken one', async () => {
    await ada.visit();
    const { page, engine } = ada;
    await ada.make();
    await ada.result().waitFor();
    engine.files.clear();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.reload();
    await ada.ready();
    const told = page.locator('.card').getByRole('alert');
    await told.filter({ hasText: 'The picture is no longer kept. Make it again.' }).waitFor();
    expect(await page.locator('.hero-picture').isVisible()).toBe(false);
    expect(await page.locator('.hero').getByText('No picture').isVisible()).toBe(true);
    expect(await page.locator('.cell').count()).toBe(5);
    expect(await page.locator('.cell-picture img:visible').count()).toBe(0);
  });

  it('hides pictures until somebody asks to see them, where the settings say so', async () => {
    await ada.visit();
    const { page } = ada;
    await page.locator('#more summary').click();
    await ada.button('All commands').click();
    await ada.button('Use settings').click();
    await ada.dialog().getByLabel('Whether results are hidden').selectOption('yes');
    await ada.button('Go').click();
    await ada.dialog().getByText('Your settings').waitFor();
    await page.keyboard.press('Escape');
    await ada.make();
    await ada.result().waitFor();
    const filters = () =>
      page.evaluate(`[...document.querySelectorAll('.hero-picture, .cell-picture img')]
        .map((image) => getComputedStyle(image).filter)`);
    expect(await filters()).toEqual(Array(6).fill('blur(22px)'));
    const shown = ada.button('Show the hidden pictures');
    await shown.focus();
    await page.keyboard.press('Enter');
    expect(await shown.count()).toBe(0);
    expect(await filters()).toEqual(Array(6).fill('none'));
    expect(await page.evaluate('document.activeElement.className')).toContain('hero');
    await page.locator('.cell').nth(4).click();
    await page.locator('.caption', { hasText: 'strength 2' }).waitFor();
    expect(await shown.count()).toBe(0);
    await page.reload();
    await ada.ready();
    await shown.click();
    expect(await filters()).toEqual(Array(6).fill('none'));
    expect(ada.wrong).toEqual([]);
  });
});
