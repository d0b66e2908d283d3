// The images of deploy/stand-ins, for tests that run the compose file in containers.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../launcher/paths.mjs';

const ASK_LIMIT_MS = 20_000;

/** Why nothing can be run on those images here, as a sentence; undefined where it can. */
export function whyNoStandIns() {
  if (!answers('version')) return 'Docker’s engine does not answer';
  if (!answers('compose', 'version')) return 'docker has no compose';
  const images = [...readFileSync(join(root, 'deploy/stand-ins/images.env'), 'utf8').matchAll(/^\w+_IMAGE=(\S+)$/gm)].map(
    ([, image]) => image,
  );
  const missing = images.filter((image) => !answers('image', 'inspect', image));
  return missing.length === 0 ? undefined : `there is no image ${missing.join(', ')}: "node deploy/stand-ins/make.mjs" makes them`;
}

function answers(...args) {
  return spawnSync('docker', args, { stdio: 'ignore', timeout: ASK_LIMIT_MS }).status === 0;
}
