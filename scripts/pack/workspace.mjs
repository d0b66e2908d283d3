import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every package of the workspace by its name, with its folder and manifest; and the root's manifest. */
export async function readWorkspace(root) {
  const packages = new Map();
  for (const group of ['libs', 'services']) {
    for (const entry of await readdir(join(root, group), { withFileTypes: true })) {
      const directory = join(root, group, entry.name);
      const manifest = await readManifest(directory);
      if (manifest !== undefined) packages.set(manifest.name, { directory, manifest });
    }
  }
  return { packages, root: await readManifest(root) };
}

async function readManifest(directory) {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
