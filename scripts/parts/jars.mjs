// The jars of a part, copied by Maven from its pom in deploy/, kept outside the tree under what they are made of.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from '../launcher/paths.mjs';

const COPY_LIMIT_MS = 300_000;
const COMPILE_LIMIT_MS = 60_000;
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** `TUTTI_PARTS_CACHE`, else the user's cache folder. */
export function cacheFolder() {
  return process.env.TUTTI_PARTS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tutti-parts');
}

/** The version that the pom of a part names for an artifact. */
export function versionIn(pom, artifact) {
  const found = new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>(?<version>[^<]+)</version>`).exec(
    readFileSync(join(root, pom), 'utf8'),
  );
  if (found === null) throw new Error(`${pom} names no version of ${artifact}`);
  return found.groups.version;
}

/** What a part in Java needs and this machine lacks, as a sentence; undefined when it has all. */
export function whyNoJava({ compiles }) {
  const wanted = ['mvn', 'java', ...(compiles ? ['javac'] : [])];
  const missing = wanted.filter((program) => !isOnPath(program));
  if (missing.length === 0) return undefined;
  return `it needs Maven and a JDK 17 or newer, and there is no ${missing.join(' and no ')} on the PATH`;
}

/**
 * The class path of a part. The first call for a pom and its sources fills the cache (Maven downloads what its own repository lacks);
 * calls at the same time do not disturb each other.
 */
export async function classPathOf({ name, pom, sources = [] }) {
  const made = join(cacheFolder(), `${name}-${digestOf([pom, ...sources])}`);
  if (!existsSync(made)) {
    await mkdir(cacheFolder(), { recursive: true });
    const draft = await mkdtemp(join(cacheFolder(), `.${name}-`));
    try {
      const jars = join(draft, 'jars');
      await run(
        'mvn',
        ['-q', '-B', '-f', join(root, pom), DEPENDENCY_PLUGIN, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'],
        COPY_LIMIT_MS,
      );
      if ((await readdir(jars)).length === 0) throw new Error(`Maven copied nothing for ${pom}`);
      if (sources.length > 0) {
        const files = sources.map((source) => join(root, source));
        await run('javac', ['-cp', join(jars, '*'), '-d', join(draft, 'classes'), ...files], COMPILE_LIMIT_MS);
      }
      await rename(draft, made).catch((error) => {
        // Somebody else was first.
        if (!existsSync(made)) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return [join(made, 'classes'), join(made, 'jars', '*')].join(delimiter);
}

function digestOf(files) {
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(join(root, file)));
  return digest.digest('hex').slice(0, 12);
}

function isOnPath(program) {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
  return (process.env.PATH ?? '').split(delimiter).some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** Runs a program to its end and gives what it printed; throws with the end of that when it fails or takes too long. */
async function run(command, args, limitMs) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said = (said + chunk).slice(-4_000)));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...outcome) => resolve(outcome));
  });
  if (code === 0) return said;
  throw new Error(
    `${command} ${signal === 'SIGKILL' ? `did not finish within ${limitMs / 1000} s` : `ended with ${code}`}: ${said.trim().slice(-1_500)}`,
  );
}
