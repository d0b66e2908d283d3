import { readFileSync } from 'node:fs';
import { toTuttiError } from '@tutti/kernel';
import { configJsonSchema, ShutDown } from '@tutti/service-kit';
import { parseCommandLine, USAGE, type CommandLine } from './command-line.js';
import { runDemo } from './demo/demo.js';
import { configuredFolders, readConfig, standaloneConfig } from './standalone.config.js';
import { startStandalone } from './standalone.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const shutDown = new ShutDown(process);

try {
  loadDotEnv();
  const flags = parseCommandLine(process.argv.slice(2));
  const answer = await answerTo(flags);
  if (answer === null) await serve(flags);
  else {
    print(answer);
    // Whoever holds the other end waits for this process to end.
    process.disconnect?.();
  }
} catch (error) {
  const { code, message } = toTuttiError(error);
  process.stderr.write(`tutti cannot start: ${message} (${code})\n`);
  process.exit(1);
}

/** What is asked of the program other than to serve; null for nothing. */
async function answerTo({ help, configSchema, folders }: CommandLine): Promise<string | null> {
  if (help) return USAGE;
  if (configSchema) return JSON.stringify(configJsonSchema(standaloneConfig), null, 2);
  return folders ? JSON.stringify(await configuredFolders(process.cwd(), process.env)) : null;
}

async function serve({ dataDir, port, demo, ask }: CommandLine): Promise<void> {
  const cwd = process.cwd();
  const config = await readConfig(cwd, process.env, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(port === undefined ? {} : { port }),
  });
  const standalone = await startStandalone({ config, cwd, environment: process.env, version, pid: process.pid });
  shutDown.arm(() => standalone.stop());
  print(`ready ${standalone.url}`);
  if (standalone.pageUrl !== null) print(`page ${standalone.pageUrl}`);
  if (demo) await runDemo(standalone, { ask, print, onStop: (callback) => shutDown.onStop(callback) });
}

function loadDotEnv(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
