import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/google-chrome'];

/**
 * The browser, or undefined where there is none: then the reason is on `stderr`, and the exit status is
 * 2. The variable CHROMIUM names another one than those in the usual places.
 */
export async function openChromium(
  what: string,
  env: Record<string, string | undefined>,
  stderr: NodeJS.WritableStream,
): Promise<Browser | undefined> {
  const asked = env.CHROMIUM ? [env.CHROMIUM] : places;
  const executablePath = asked.find((path) => existsSync(path));
  if (executablePath === undefined) {
    const where = asked.join(' or ');
    stderr.write(`${what}: skipped, there is no Chromium at ${where}; CHROMIUM names another.\n`);
    process.exitCode = 2;
    return undefined;
  }
  return await chromium.launch({
    executablePath,
    // Its sandbox is not to be had for root, and it sees the product's own page only.
    args: ['--no-sandbox'],
    // The command tidies up by itself.
    handleSIGINT: false,
    handleSIGTERM: false,
  });
}
