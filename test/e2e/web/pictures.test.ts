import { expect, it } from 'vitest';
import { sample, settled, withVisitor } from './visitor.ts';

withVisitor('pictures that are put in', (ada) => {
  it("draws A' over A", async () => {
    await ada.visit();
    await ada.page.locator('input[type=file]').first().setInputFiles(sample('plain'));
    await ada.button('Draw A′ over A').click();
    const canvas = ada.page.locator('.sketch-canvas');
    const pixel = (x: number, y: number) =>
      ada.page.evaluate(`(() => {
        const canvas = document.querySelector('.sketch-canvas');
        const at = [Math.round(canvas.width * ${x}), Math.round(canvas.height * ${y})];
        return [...canvas.getContext('2d').getImageData(...at, 1, 1).data];
      })()`);
    const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const stroke = async (y: number) => {
      await ada.page.mouse.move(box.x + box.width * 0.2, box.y + box.height * y);
      await ada.page.mouse.down();
      await ada.page.mouse.move(box.x + box.width * 0.8, box.y + box.height * y, { steps: 6 });
      await ada.page.mouse.up();
    };
    const before = await pixel(0.5, 0.1);
    await ada.page.getByRole('radio', { name: 'Red' }).check({ force: true });
    await stroke(0.1);
    expect(await pixel(0.5, 0.1)).toEqual([229, 72, 77, 255]);
    await ada.page.getByRole('radio', { name: 'Eraser' }).check({ force: true });
    await stroke(0.1);
    expect(await pixel(0.5, 0.1)).toEqual(before);
    await ada.button('Undo').click();
    expect(await pixel(0.5, 0.1)).toEqual([229, 72, 77, 255]);
    await ada.button('Use as A′').click();
    await settled(() => ada.page.locator('.zone.filled').count()).toBe(2);
    expect(await ada.widthOf('.zone.filled >> nth=1 >> .zone-picture')).toBeGreaterThan(0);
    expect(ada.wrong).toEqual([]);
  });

  it('says what is wrong with a refused file, and takes the next one', async () => {
    await ada.visit();
    await ada.button('Try the samples').click();
    await ada.page.locator('.zone.filled').nth(2).waitFor();
    const files = ada.page.locator('input[type=file]');
    const text = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('some text') };
    await files.first().setInputFiles(text);
    await ada.page.getByText('notes.png').waitFor();
    await ada.button('Make it').click();
    await ada.page
      .getByRole('alert')
      .filter({ hasText: 'not a picture that can be read' })
      .waitFor();
    await files.first().setInputFiles(sample('plain'));
    await ada.button('Make it').click();
    await ada.result().waitFor();
    expect(ada.wrong).toEqual([]);
  });

  it('takes a picture from the clipboard, into the next empty place or the one that is meant', async () => {
    await ada.visit({ permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = ada;
    await page.evaluate(`(async () => {
      const picture = await (await fetch('/api/samples/friend.png')).blob();
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
    })()`);
    await page.keyboard.press('Control+V');
    await page.locator('.zone.filled').waitFor();
    const filled = () =>
      page.evaluate(
        `[...document.querySelectorAll('.zone.filled .badge')].map((b) => b.textContent)`,
      );
    expect(await filled()).toEqual(['A']);
    await ada.button(/^B, /).focus();
    await page.keyboard.press('Control+V');
    await page.locator('.zone.filled').nth(1).waitFor();
    expect(await filled()).toEqual(['A', 'B']);
    expect(await ada.widthOf('.zone.filled >> nth=1 >> .zone-picture')).toBeGreaterThan(0);
    expect(ada.wrong).toEqual([]);
  });

  it('offers the camera where the device is held in a hand', async () => {
    await ada.visit();
    expect(await ada.button('Photograph B').count()).toBe(0);
    await ada.page.context().close();
    await ada.visit({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });
    const { page } = ada;
    const chosen = page.waitForEvent('filechooser');
    await ada.button('Photograph B').tap();
    const chooser = await chosen;
    expect(await chooser.element().getAttribute('capture')).toBe('environment');
    expect(await chooser.element().getAttribute('accept')).toBe('image/*');
    await chooser.setFiles(sample('friend'));
    await ada.button('B, your picture: holds a picture').waitFor();
    expect(ada.wrong).toEqual([]);
  });
});
