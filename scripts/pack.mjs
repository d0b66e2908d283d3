// Packs what users install into dist-packages/: `npm run pack`, or with the names of some packages: `npm run pack -- @tutti/cli`.
// A package is packed unless it says "private". What it needs of the workspace comes inside it (docs/adr/0018-packages-that-bring-their-own.md).
import { spawnSync } from 'node:child_process';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { emitDeclarations } from './pack/declarations.mjs';
import { planPackages } from './pack/plan.mjs';
import { readWorkspace } from './pack/workspace.mjs';
import { inModules, root } from './launcher/paths.mjs';

const outDir = join(root, 'dist-packages');
const staging = inModules('.cache', 'tutti-pack');

const startedAt = performance.now();
const workspace = await readWorkspace(root);
const plans = planPackages(workspace, process.argv.slice(2));
await rm(staging, { recursive: true, force: true });
await mkdir(join(staging, 'tarballs'), { recursive: true });
run(process.execPath, [join(root, 'scripts', 'build.mjs')], root, 'inherit');
const declarations = join(staging, 'declarations');
await emitDeclarations(plans, declarations);
const files = [];
for (const plan of plans) files.push(await pack(plan));
// All or none: what is there is always of one state of the workspace.
await rm(outDir, { recursive: true, force: true });
await rename(join(staging, 'tarballs'), outDir);
await rm(staging, { recursive: true });
for (const file of files)
  console.log(`${relative(root, join(outDir, file))}  ${((await stat(join(outDir, file))).size / 1024).toFixed(0)} KiB`);
console.log(`packed ${plans.length} packages in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);

async function pack({ name, isProgram, parts }) {
  const folder = join(staging, name.replace('/', '-'));
  for (const part of parts) await stage(part, join(folder, part.folder), { types: part.name === name || !isProgram });
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', join(staging, 'tarballs')], folder, 'pipe'),
  );
  return filename;
}

async function stage({ manifest, directory }, target, { types }) {
  await mkdir(target, { recursive: true });
  for (const entry of manifest.files) await cp(join(directory, entry), join(target, entry), { recursive: true, filter: isShipped });
  const typesDir = join(declarations, relative(root, directory), 'src');
  if (types) await cp(typesDir, join(target, 'dist'), { recursive: true }).catch(ignoreMissing);
  const hasReadme = await cp(join(directory, 'README.md'), join(target, 'README.md')).then(() => true, ignoreMissing);
  if (manifest.private !== true && hasReadme !== true)
    throw new Error(`${manifest.name} has no README.md, and whoever installs it reads that first`);
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'));
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Maps point to sources that are not shipped. */
function isShipped(path) {
  return !path.endsWith('.map');
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

function run(program, args, cwd, stdout) {
  const {
    status,
    stdout: text,
    error,
  } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'inherit'],
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (error !== undefined || status !== 0) {
    console.error(`${program} ${args.join(' ')} failed: ${error?.message ?? `exit code ${status}`}`);
    process.exit(1);
  }
  return text;
}
