// Compiles src/ of each project to dist/ with SWC and the shared .swcrc: `node scripts/build.mjs [project...]`, all when none is named.
// A project with a vite.config.mjs is a page: Vite bundles it. Incremental by modification time; outputs whose source is gone are removed. Types are checked by `npm run typecheck`, not here.
import { transform } from '@swc/core';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const swcrc = join(root, '.swcrc');

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));

async function main(names) {
  const startedAt = performance.now();
  const projects = await findProjects();
  const unknown = names.filter((name) => !projects.has(name));
  if (unknown.length > 0) {
    console.error(`No project named ${unknown.join(', ')}. Known: ${[...projects.keys()].join(', ')}.`);
    process.exit(2);
  }
  const config = JSON.parse(await readFile(swcrc, 'utf8'));
  const chosen = names.length === 0 ? [...projects.values()] : names.map((name) => projects.get(name));
  const results = await Promise.all(
    chosen.map((directory) => (isPage(directory) ? bundlePage(directory) : buildProject(directory, config))),
  );
  const failures = results.flatMap((result) => result.failures);
  for (const failure of failures) console.error(failure);
  const compiled = results.reduce((sum, result) => sum + result.compiled, 0);
  console.log(`built ${chosen.length} projects: ${compiled} files compiled in ${Math.round(performance.now() - startedAt)} ms`);
  if (failures.length > 0) process.exit(1);
}

async function findProjects() {
  const projects = new Map();
  for (const group of ['libs', 'services']) {
    for (const name of await namesIn(join(root, group))) {
      const directory = join(root, group, name);
      const project = await readFile(join(directory, 'project.json'), 'utf8').catch(() => undefined);
      if (project !== undefined) projects.set(JSON.parse(project).name, directory);
    }
  }
  return projects;
}

/** Compiles what is newer than its output: `{ compiled, failures }`. */
export async function buildProject(directory, config) {
  const sourceDir = join(directory, 'src');
  const outDir = join(directory, 'dist');
  const sources = (await filesBelow(sourceDir)).filter(isCompiled);
  await removeOrphans(outDir, new Set(sources.map(toOutput)));
  const configChangedAt = Math.max((await stat(swcrc)).mtimeMs, (await stat(fileURLToPath(import.meta.url))).mtimeMs);
  const queue = [...sources];
  const result = { compiled: 0, failures: [] };
  const work = async () => {
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      const source = join(sourceDir, file);
      const output = join(outDir, toOutput(file));
      const [from, to] = await Promise.all([stat(source), stat(output).catch(() => undefined)]);
      if (to !== undefined && to.mtimeMs >= Math.max(from.mtimeMs, configChangedAt)) continue;
      try {
        await compile(source, output, config);
        result.compiled += 1;
      } catch (error) {
        result.failures.push(`${relative(root, source)}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() * 2 }, work));
  return result;
}

function isPage(directory) {
  return existsSync(join(directory, 'vite.config.mjs'));
}

/** Bundles the page when anything that it is made of is newer than what was bundled last. */
async function bundlePage(directory) {
  const parts = (await filesBelow(directory)).filter((file) => !/^(?:dist|node_modules)\b|\.spec\.ts$/.test(file));
  const contract = join(root, 'libs', 'rest-contract', 'src');
  const shared = (await filesBelow(contract)).map((file) => join(contract, file));
  const changes = await Promise.all(
    [...parts.map((file) => join(directory, file)), ...shared, join(root, 'package-lock.json')].map((file) => stat(file)),
  );
  const bundled = await stat(join(directory, 'dist', 'index.html')).catch(() => undefined);
  if (bundled !== undefined && changes.every(({ mtimeMs }) => mtimeMs <= bundled.mtimeMs)) return { compiled: 0, failures: [] };
  // What users get, whoever asks for the build: Jest sets "test", and React would be bundled for development.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  try {
    await build({ root: directory, logLevel: 'warn', build: { outDir: 'dist', emptyOutDir: true } });
    return { compiled: parts.length, failures: [] };
  } catch (error) {
    return { compiled: 0, failures: [`${relative(root, directory)}: ${error.message}`] };
  }
}

async function compile(source, output, config) {
  const { $schema: _schema, ...options } = config;
  const sourceName = relative(dirname(output), source).replaceAll('\\', '/');
  const startedAt = new Date();
  const text = await readFile(source, 'utf8');
  const { code, map } = await transform(text, {
    ...options,
    swcrc: false,
    configFile: false,
    filename: source,
    sourceFileName: sourceName,
  });
  await mkdir(dirname(output), { recursive: true });
  const mapName = `${output.slice(output.lastIndexOf('/') + 1)}.map`;
  if (map !== undefined) await writeFile(`${output}.map`, map);
  await writeFile(output, map === undefined ? code : `${code}//# sourceMappingURL=${mapName}\n`);
  // Dated by the reading, so that a source saved while it compiled counts as newer.
  await utimes(output, startedAt, startedAt);
}

async function removeOrphans(outDir, expected) {
  for (const file of await filesBelow(outDir)) {
    const output = file.endsWith('.js.map') ? file.slice(0, -'.map'.length) : file;
    if (!expected.has(output)) await rm(join(outDir, file));
  }
}

function isCompiled(file) {
  return file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.endsWith('.spec.ts');
}

function toOutput(file) {
  return file.replace(/\.ts$/, '.js');
}

async function namesIn(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function filesBelow(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}
