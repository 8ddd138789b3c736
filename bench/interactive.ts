/**
 * How soon the sliders of the page answer: `npm run bench:interactive`. The product as `npm start`
 * opens it, and real drags in a real browser.
 */

import { type Command, runCommand } from '../src/cli/command.ts';
import { progressLine } from './common/progress.ts';
import { round, summary } from './common/summary.ts';
import { parseInteractiveArguments, usage } from './interactive/arguments.ts';
import { bareRenders } from './interactive/bare.ts';
import { openChromium } from './interactive/chromium.ts';
import { countsOf, courseOf, drag, nextGuidance, type Release, watch } from './interactive/drag.ts';
import { startProduct } from './interactive/product.ts';
import { madeResult, make, putSamples, visit } from './interactive/sample.ts';

const interactive: Command = async (args, { env, stdout, stderr, signal }) => {
  const options = parseInteractiveArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const { drags, seconds, rate } = options;
  const browser = await openChromium('bench:interactive', env, stderr);
  if (!browser) return;
  // Whatever waits for the browser ends with it.
  const stop = () => void browser.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const product = await startProduct(env, signal);
    try {
      stderr.write('interactive: the same cells without a browser\n');
      const bare = await bareRenders(product, options.renders, signal);

      stderr.write('interactive: the sample analogy, in the browser\n');
      const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
      await watch(page);
      await visit(page, product.url);
      await putSamples(page);
      await make(page);
      await madeResult(page);

      const line = progressLine('interactive, drags', drags, 0);
      const releases: Release[] = [];
      let dragged = 0;
      for (let n = 0; n < drags; n++) {
        signal.throwIfAborted();
        if (n > 0) await nextGuidance(page);
        // The press on the slider is a position too.
        const once = await drag(page, courseOf(seconds * rate, n), 1000 / rate);
        releases.push(once.release);
        dragged += once.seconds;
        line.update(n + 1);
      }
      line.stop();
      const { positions, shown, ...renders } = await countsOf(page);
      const figures = {
        ...options,
        draggedSeconds: round(dragged),
        positions,
        renders,
        picturesShown: shown,
        releaseToPictureMs: summary(releases.map(({ ms }) => ms)),
        engineRenderMs: summary(bare),
      };
      if (drags < 100) {
        stderr.write(`interactive: of ${drags} releases, the 99th percentile is the largest\n`);
      }
      stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    } finally {
      await product.close();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await browser.close();
  }
};

await runCommand(interactive);
