import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sample, settled, withVisitor } from './visitor.ts';

withVisitor('a result', (ada) => {
  it('leads from a first visit to a grid with the sample pictures', async () => {
    await ada.visit();
    await settled(() => ada.button('Make it').getAttribute('aria-disabled')).toBe('true');
    ada.engine.held = true;
    await ada.make();
    await ada.page.getByText('Number 2 in the queue.').first().waitFor();
    await ada.page.getByText('about 2 min left').waitFor();
    ada.engine.held = false;
    await ada.result().waitFor();
    expect(await ada.page.locator('.cell').count()).toBe(5);
    expect(await ada.widthOf('.hero-picture')).toBe(254);
    expect(await ada.page.locator('.cell input:checked').getAttribute('aria-label')).toContain(
      'Strength 1, guidance 2, suggested',
    );
    expect(await ada.page.getByRole('link', { name: 'Labelled grid' }).count()).toBe(1);
    expect(ada.wrong).toEqual([]);
  });

  it('moves with the sliders, and shows the last position', async () => {
    await ada.visit();
    await ada.make();
    await ada.result().waitFor();
    const before = await ada.page.locator('.hero-picture').getAttribute('src');
    const strength = ada.page.getByRole('slider', { name: 'Strength' });
    await strength.focus();
    for (let i = 0; i < 8; i++) await ada.page.keyboard.press('ArrowRight');
    await ada.page.locator('.caption', { hasText: 'strength 1.4, guidance 2' }).waitFor();
    await settled(() => ada.engine.requests.at(-1)?.dials).toEqual({
      lambda: [1.4],
      guidance: [2],
    });
    expect(await ada.page.locator('.hero-picture').getAttribute('src')).not.toBe(before);
    // The buttons are about what is shown now.
    await ada.button('Stronger').click();
    await ada.page.locator('.caption', { hasText: 'strength 1.65' }).waitFor();
    expect(ada.wrong).toEqual([]);
  });

  it('picks a cell, refines it, and goes back', async () => {
    await ada.visit();
    await ada.make();
    await ada.result().waitFor();
    await ada.page.locator('.cell').nth(3).click();
    await ada.page.locator('.caption', { hasText: 'strength 1.5' }).waitFor();
    await ada.button('Back to the grid').waitFor();
    await ada.button('Weaker').click();
    await ada.page.locator('.caption', { hasText: 'strength 1.25' }).waitFor();
    await ada.button('Both dials').click();
    await settled(() => ada.page.locator('.cell').count()).toBe(9);
    await ada.button('Undo').click();
    await ada.page.locator('.caption', { hasText: 'strength 1.25' }).waitFor();
    await ada.button('Animate').click();
    await ada.page.locator('.hero-picture[src$=animation]').waitFor();
    expect(ada.engine.requests.filter(({ kind }) => kind !== 'render')).toHaveLength(1);
    expect(ada.wrong).toEqual([]);
  });

  it('applies a result to another picture that is dropped on it', async () => {
    await ada.visit();
    await ada.make();
    await ada.result().waitFor();
    const bytes = readFileSync(sample('plain')).toString('base64');
    const data = await ada.page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob('${bytes}'), (one) => one.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'plain.png', { type: 'image/png' }));
      return transfer;
    })()`);
    await ada.page.locator('.card').dispatchEvent('drop', { dataTransfer: data });
    await settled(() => ada.page.locator('.card').count()).toBe(2);
    await ada.page.locator('.card').first().locator('.result').waitFor();
    expect(ada.engine.requests.map(({ kind }) => kind)).toEqual(['analogy', 'apply']);
    expect(ada.wrong).toEqual([]);
  });
});
