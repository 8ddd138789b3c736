import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveWeb } from '../../bots/web/serve.ts';
import { withVisitor } from './visitor.ts';

/** Where the screenshots go; by default they are made and thrown away. */
const shots = process.env.LIKEWISE_SCREENSHOTS;

withVisitor('the page as a whole', (ada) => {
  it('goes on after a reload in the middle, and after a restart of the server', async () => {
    await ada.visit();
    ada.engine.held = true;
    await ada.make();
    await ada.page.getByText('Number 2 in the queue.').first().waitFor();
    await ada.page.reload();
    await ada.ready();
    await ada.page.getByText('Number 2 in the queue.').first().waitFor();
    const { port } = new URL(ada.web.url);
    await ada.web.close();
    await ada.page.locator('#offline:visible').waitFor();
    ada.web = await serveWeb(ada.engine, { store: ada.store(), port: Number(port) });
    ada.engine.held = false;
    await ada.result().waitFor();
    expect(ada.engine.requests).toHaveLength(1);
  });

  it('can be used with the keyboard alone', async () => {
    await ada.visit();
    await ada.page.keyboard.press('Tab');
    expect(await ada.page.evaluate('document.activeElement.textContent')).toBe(
      'Skip to the answers',
    );
    const names: string[] = [];
    for (let i = 0; i < 16; i++) {
      await ada.page.keyboard.press('Tab');
      const name =
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";
      names.push(String(await ada.page.evaluate(name)).split(/[,.:]/)[0] ?? '');
    }
    const order = ['Library', 'Help', 'A', 'A′', 'Another example', 'B', 'Make it'];
    const places = order.map((name) => names.indexOf(name));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    await ada.button('Library').focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('dialog', { name: 'Library' }).waitFor();
    await ada.page.keyboard.press('Escape');
    expect(await ada.page.getByRole('dialog').count()).toBe(0);
    expect(await ada.page.evaluate('document.activeElement.id')).toBe('open-library');
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('fits %i pixels, %s', async (width, colorScheme) => {
    await ada.visit({ viewport: { width, height: width < 500 ? 780 : 900 }, colorScheme });
    await ada.make();
    await ada.result().waitFor();
    await ada.widthOf('.hero-picture');
    const overflow = await ada.page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    if (shots) mkdirSync(shots, { recursive: true });
    const path = join(shots ?? ada.folder, `page-${width}-${colorScheme}.png`);
    const picture = await ada.page.screenshot({ path, fullPage: true });
    expect(picture.length).toBeGreaterThan(20_000);
    await ada.button('Draw A′ over A').click();
    await ada.page.screenshot({ path: path.replace('page', 'sketch') });
    expect(ada.wrong).toEqual([]);
  });
});
