import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Ids } from '@tutti/kernel';
import { parse, stringify, TomlError } from 'smol-toml';
import type { Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { configSchema, type Config } from './profile.js';

const OTHERS_MAY = 0o077;
const OWNER_ONLY = 0o600;

export interface ConfigFile {
  readonly path: string;
  readonly config: Config;
  /** Permission bits; null when there is no file, or the system has no such bits. */
  readonly mode: number | null;
}

type World = Pick<Environment, 'env' | 'cwd' | 'home'>;

/** TUTTI_CLI_CONFIG_FILE, else `tutti/config.toml` below XDG_CONFIG_HOME, else below `~/.config`. TUTTI_CONFIG_FILE is the server's own. */
export function configPath({ env, cwd, home }: World): string {
  const named = env['TUTTI_CLI_CONFIG_FILE'] ?? '';
  if (named !== '') return resolve(cwd, named);
  const base = env['XDG_CONFIG_HOME'] ?? '';
  return join(base === '' ? join(home, '.config') : base, 'tutti', 'config.toml');
}

/** What stands there; an empty configuration when there is no file. @throws Failure CONFIG_INVALID with its line */
export async function readConfigFile(world: World): Promise<ConfigFile> {
  const path = configPath(world);
  let text: string;
  let mode: number;
  try {
    text = await readFile(path, 'utf8');
    mode = (await stat(path)).mode & 0o777;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { path, config: { profile: {} }, mode: null };
    throw new Failure('FILE_UNREADABLE', `cannot read ${path}: ${message}`, { exitCode: EXIT.invalid, cause: error });
  }
  return { path, config: parseConfig(path, text), mode: platform() === 'win32' ? null : mode };
}

function parseConfig(path: string, text: string): Config {
  const invalid = (message: string, line = 0, column = 0): Failure =>
    new Failure('CONFIG_INVALID', `${path} is not valid`, {
      exitCode: EXIT.invalid,
      source: path,
      problems: [{ line, column, path: '', message }],
      hint: '`tutti profile --help` shows what can be set',
    });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw invalid(error.message.split('\n')[0] ?? 'not TOML', error.line, error.column);
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}

/** As ssh does with a private key. @throws Failure CONFIG_UNSAFE when others may read the file, which holds a key */
export function requireSafe({ path, mode }: ConfigFile): void {
  if (mode === null || (mode & OTHERS_MAY) === 0) return;
  throw new Failure(
    'CONFIG_UNSAFE',
    `${path} holds an API key and others may read it (mode ${mode.toString(8).padStart(4, '0')}, expected 0600)`,
    {
      exitCode: EXIT.forbidden,
      hint: `chmod 600 ${path}; who could read it may have the key: tutti key rotate`,
    },
  );
}

/** Writes the file whole, for its owner alone. Comments in it are lost. */
export async function writeConfigFile(path: string, config: Config, ids: Ids): Promise<void> {
  const next = `${path}.${ids.next()}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(next, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(`${stringify(config)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new Failure('FILE_UNWRITABLE', `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}
