import { parseArgs } from 'node:util';
import { toTuttiError, TuttiError } from '@tutti/kernel';
import { ShutDown } from '@tutti/service-kit';

export interface ServedProcess {
  /** Resolves to the lines that say that it serves. */
  start(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface ProcessPlace {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly print: (line: string) => void;
}

interface Program {
  /** Like `coordinator`. */
  readonly name: string;
  readonly usage: string;
  /** Options with a value, and the setting that each stands for, by its variable. */
  readonly options: Readonly<Record<string, string>>;
  /** @param flags by variable */
  readonly create: (place: ProcessPlace, flags: Readonly<Record<string, string | undefined>>) => Promise<ServedProcess>;
}

/** What of Node's process a program needs. */
type Host = Pick<NodeJS.Process, 'argv' | 'cwd' | 'env' | 'pid' | 'exit' | 'stdout' | 'stderr' | 'loadEnvFile' | 'on' | 'connected'>;

/** The whole of a service's `main`: options, settings, a start that may take long, an orderly end at the first signal and a quick one at the second. */
export async function runProcess(host: Host, { name, usage, options, create }: Program): Promise<void> {
  const shutDown = new ShutDown(host);
  let asked = false;
  shutDown.onStop(() => (asked = true));
  const print = (line: string): void => void host.stdout.write(`${line}\n`);
  try {
    loadDotEnv(host);
    const flags = parseFlags(host.argv.slice(2), { options, usage });
    if (flags === null) return print(usage);
    const served = await create({ cwd: host.cwd(), environment: host.env, pid: host.pid, print }, flags);
    shutDown.arm(() => served.stop());
    for (const line of await served.start()) print(line);
  } catch (error) {
    // Who was told to stop while it waited ends as it was told.
    if (asked) return;
    const { code, message } = toTuttiError(error);
    host.stderr.write(`tutti ${name} cannot start: ${message} (${code})\n`);
    host.exit(1);
  }
}

/** Null when only help was asked for. */
function parseFlags(
  argv: readonly string[],
  { options, usage }: Pick<Program, 'options' | 'usage'>,
): Readonly<Record<string, string | undefined>> | null {
  const known = Object.fromEntries(Object.keys(options).map((option) => [option, { type: 'string' as const }]));
  const given = valuesOf(argv, known, usage);
  if (given['help'] === true) return null;
  return Object.fromEntries(
    Object.entries(options).map(([option, variable]) => [variable, typeof given[option] === 'string' ? given[option] : undefined]),
  );
}

/** @throws TuttiError INVALID_CONFIG */
function valuesOf(
  argv: readonly string[],
  known: Readonly<Record<string, { readonly type: 'string' }>>,
  usage: string,
): Readonly<Record<string, unknown>> {
  try {
    const options = { ...known, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    throw new TuttiError('INVALID_CONFIG', `${toTuttiError(error).message}\n\n${usage}`);
  }
}

function loadDotEnv(host: Pick<Host, 'loadEnvFile'>): void {
  try {
    host.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
