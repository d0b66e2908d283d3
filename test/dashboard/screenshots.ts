import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { root } from '../product/paths.js';

const KEPT = join(dirname(fileURLToPath(import.meta.url)), 'screenshots');
const FOUND = join(root, '.nx', 'screenshots');
/** Of a pixel, from 0 to 1: edges of letters differ a little from build to build of the browser. */
const PIXEL_TOLERANCE = 0.2;
/** Share of pixels that may differ. */
const SHARE_TOLERANCE = 0.02;

/**
 * What is wrong with the picture, compared with the kept one; null when it looks the same. `TUTTI_KEEP_SCREENSHOTS=1` keeps the new one instead: look at it before
 * you commit it.
 */
export function differenceTo(name: string, picture: Buffer): string | null {
  const kept = join(KEPT, `${name}.png`);
  if (process.env['TUTTI_KEEP_SCREENSHOTS'] === '1') {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(kept, picture);
    return null;
  }
  if (!existsSync(kept)) return `${kept} is not there: keep one with TUTTI_KEEP_SCREENSHOTS=1`;
  const [before, now] = [PNG.sync.read(readFileSync(kept)), PNG.sync.read(picture)];
  if (before.width !== now.width || before.height !== now.height)
    return `${name} is ${now.width} × ${now.height}, kept is ${before.width} × ${before.height}`;
  const shown = new PNG({ width: now.width, height: now.height });
  const different = pixelmatch(before.data, now.data, shown.data, now.width, now.height, { threshold: PIXEL_TOLERANCE });
  const share = different / (now.width * now.height);
  if (share <= SHARE_TOLERANCE) return null;
  mkdirSync(FOUND, { recursive: true });
  writeFileSync(join(FOUND, `${name}.png`), picture);
  writeFileSync(join(FOUND, `${name}.difference.png`), PNG.sync.write(shown));
  return `${name} differs in ${(share * 100).toFixed(1)} % of its pixels; see ${join(FOUND, name)}.png and .difference.png`;
}
