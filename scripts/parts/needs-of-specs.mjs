// What a spec needs: it, or a file of this repository that it imports, names the variables of parts, or the images that stand in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../launcher/paths.mjs';
import { partNames, partVariables } from './parts.mjs';

const IMPORT = /(?:from|import)\s*\(?\s*['"](?<source>\.{1,2}\/[^'"]+|@tutti\/[^'"]+)['"]/g;
const STAND_INS = 'deploy/stand-ins/images.env';
const FOLDERS = ['libs', 'services', 'test'];

/** Every `*.integration.spec.ts`, as paths from the root, sorted. */
export function findSpecs() {
  const found = FOLDERS.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)));
  return found.filter((file) => file.endsWith('.integration.spec.ts') && !/[\\/](?:node_modules|dist)[\\/]/.test(file)).sort();
}

/** The names of the parts that a spec needs. */
export function needsOf(spec) {
  const texts = textsOf(spec);
  return partNames.filter((name) => texts.some((text) => text.includes(partVariables[name])));
}

/** Whether a spec runs containers of the images that deploy/stand-ins makes. */
export function needsContainers(spec) {
  return textsOf(spec).some((text) => text.includes(STAND_INS));
}

/** Of the spec and of what it imports of this repository. */
function textsOf(spec) {
  const texts = new Map();
  const open = [join(root, spec)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    open.push(...[...text.matchAll(IMPORT)].map(({ groups }) => resolve(groups.source, file)).filter((path) => path !== undefined));
  }
  return [...texts.values()];
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
