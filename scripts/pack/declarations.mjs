import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { inModules, root } from '../launcher/paths.mjs';

/** Writes the types of everything that the packages export into the folder, laid out like the workspace. `npm run typecheck` checks them. */
export async function emitDeclarations(plans, folder) {
  // Nobody imports what lies inside a program; what lies inside a library, its types may name.
  const parts = new Map(plans.flatMap(({ isProgram, parts }) => (isProgram ? parts.slice(0, 1) : parts)).map((part) => [part.name, part]));
  const entries = [...parts.values()].flatMap(({ directory, manifest }) =>
    Object.values(manifest.exports)
      .map(({ default: file }) => file)
      .filter((file) => file !== undefined)
      .map((file) => join(directory, file.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))),
  );
  await mkdir(folder, { recursive: true });
  const project = join(folder, 'tsconfig.json');
  const options = {
    noEmit: false,
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: folder,
    typeRoots: [inModules('@types')],
  };
  await writeFile(
    project,
    JSON.stringify({ extends: relative(dirname(project), join(root, 'tsconfig.base.json')), compilerOptions: options, files: entries }),
  );
  const { status } = spawnSync(process.execPath, [inModules('typescript/bin/tsc'), '-p', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the types of the packages could not be written; nothing is packed');
}
