// Which parts a spec needs: it, or a file of this repository that it imports, names their variables.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../launcher/paths.mjs';
import { partNames, partVariables } from './parts.mjs';

const IMPORT = /(?:from|import)\s*\(?\s*['"](?<source>\.{1,2}\/[^'"]+|@tutti\/[^'"]+)['"]/g;
const FOLDERS = ['libs', 'services', 'test'];

/** Every `*.integration.spec.ts`, as paths from the root, sorted. */
export function findSpecs() {
  const found = FOLDERS.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)));
  return found.filter((file) => file.endsWith('.integration.spec.ts') && !/[\\/](?:node_modules|dist)[\\/]/.test(file)).sort();
}

/** The names of the parts that a spec needs. */
export function needsOf(spec) {
  const seen = new Set();
  const needs = new Set();
  const open = [join(root, spec)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const name of partNames) if (text.includes(partVariables[name])) needs.add(name);
    open.push(...[...text.matchAll(IMPORT)].map(({ groups }) => resolve(groups.source, file)).filter((path) => path !== undefined));
  }
  return partNames.filter((name) => needs.has(name));
}

function resolve(source, importer) {
  const path = source.startsWith('.') ? join(dirname(importer), source) : entryOf(source);
  if (path === undefined) return undefined;
  return [path.replace(/\.js$/, '.ts'), path].find((candidate) => /\.ts$/.test(candidate) && existsSync(candidate) && isOurs(candidate));
}

/** Only test support of another package can bring a need along; its product code knows no variable of a test. */
function entryOf(source) {
  const [, name, rest] = source.split('/');
  if (rest !== 'testing') return undefined;
  return join(root, 'libs', name, 'src/testing/index.ts');
}

function isOurs(path) {
  return !relative(root, path).startsWith('..');
}
