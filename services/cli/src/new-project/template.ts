import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TEMPLATES = ['typescript', 'yaml'] as const;
export type Template = (typeof TEMPLATES)[number];

export interface ProjectFile {
  /** Relative to the project, with `/` between folders. */
  readonly path: string;
  readonly text: string;
}

const SUFFIX = '.tmpl';
/** As far from src as from dist. */
const FOLDER = fileURLToPath(new URL('../../templates', import.meta.url));

/** Names of Tutti's packages that a project of the template depends on. */
export async function packagesOf(template: Template): Promise<readonly string[]> {
  const text = await readFile(join(FOLDER, template, `package.json${SUFFIX}`), 'utf8');
  return [...text.matchAll(/__(@[^_]+)__/g)].map(([, name = '']) => name);
}

/** The template's files, with `__NAME__` and each `__<package>__` filled in. */
export async function projectFiles(
  template: Template,
  name: string,
  packages: ReadonlyMap<string, string>,
): Promise<readonly ProjectFile[]> {
  const folder = join(FOLDER, template);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return Promise.all(
    files.sort().map(async (file) => ({ path: targetOf(file), text: fill(await readFile(join(folder, file), 'utf8'), name, packages) })),
  );
}

/** npm would take a `.gitignore` in a package for its own. */
function targetOf(file: string): string {
  const path = file.slice(0, -SUFFIX.length).split(sep).join('/');
  return path === 'gitignore' ? '.gitignore' : path;
}

/** Sources stand in JSON; a path may hold quotation marks. */
function fill(text: string, name: string, packages: ReadonlyMap<string, string>): string {
  return text.replace(/__(NAME|@[^_]+)__/g, (whole, key: string) =>
    key === 'NAME' ? name : JSON.stringify(packages.get(key) ?? whole).slice(1, -1),
  );
}
