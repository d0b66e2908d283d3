import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

const OWN_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const OWN_NAME = '@tutti/cli';

const installed = z.object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional() })) });

/**
 * Where a project gets Tutti's packages from, as its package.json says it: from where this program came. That is a file when it was
 * installed from one, or when it runs in a clone of the repository; else the registry, by version.
 *
 * @throws Failure FILE_UNREADABLE in a clone whose packages are not packed
 */
export async function packageSources(
  names: readonly string[],
  { project, version, from = OWN_FOLDER }: { readonly project: string; readonly version: string; readonly from?: string },
): Promise<ReadonlyMap<string, string>> {
  const tarballs = await tarballFolder(from);
  const sources = new Map<string, string>();
  for (const name of names) {
    const file = tarballs?.files.get(name) ?? (tarballs === null ? undefined : join(tarballs.folder, tarballName(name, version)));
    if (file === undefined) sources.set(name, version);
    else if (existsSync(file)) sources.set(name, `file:${relative(project, file).split(sep).join('/')}`);
    else throw missing(name, file);
  }
  return sources;
}

interface Tarballs {
  /** Where the ones lie that are not installed. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
}

async function tarballFolder(from: string): Promise<Tarballs | null> {
  const modules = from.lastIndexOf(`${sep}node_modules${sep}`);
  if (modules === -1) return { folder: join(from, '..', '..', 'dist-packages'), files: new Map() };
  const root = from.slice(0, modules);
  const files = await installedFiles(root);
  const own = files.get(OWN_NAME);
  return own === undefined ? null : { folder: dirname(own), files };
}

/** Packages below the folder that npm installed from a file, with that file. */
async function installedFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8').catch(() => '{"packages":{}}');
  const found = installed.safeParse(JSON.parse(text));
  const entries = found.success ? Object.entries(found.data.packages) : [];
  return new Map(
    entries.flatMap(([path, { resolved }]) =>
      resolved?.startsWith('file:') === true ? [[path.replace(/^node_modules\//, ''), resolve(root, resolved.slice('file:'.length))]] : [],
    ),
  );
}

/** As `npm pack` names it. */
function tarballName(name: string, version: string): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
}

function missing(name: string, file: string): Failure {
  return new Failure('FILE_UNREADABLE', `the package ${name} is not at ${file}`, {
    exitCode: EXIT.invalid,
    hint: 'in a clone of the repository, `npm run pack` puts it there; else install it beside @tutti/cli',
  });
}
