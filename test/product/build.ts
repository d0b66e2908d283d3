import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './paths.js';

const LIMIT_MS = 120_000;

/** Compiles what is out of date in `dist`; nothing to do costs a tenth of a second. */
export function buildProduct(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}
