import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const LAUNCH_LIMIT_MS = 60_000;

/** Debian's, or the one that TUTTI_CHROMIUM names. */
export function chromiumPath(): string {
  const named = process.env['TUTTI_CHROMIUM'];
  const found = named ?? PLACES.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(`there is no Chromium at ${PLACES.join(', ')}: install it (apt-get install chromium), or name it in TUTTI_CHROMIUM`);
}

export function launchChromium(): Promise<Browser> {
  // Without the sandbox: containers give a browser no namespaces, and it opens nothing but the page.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none', '--disable-gpu', '--hide-scrollbars'];
  return chromium.launch({ executablePath: chromiumPath(), args, timeout: LAUNCH_LIMIT_MS });
}
