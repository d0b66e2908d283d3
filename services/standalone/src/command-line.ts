import { parseArgs } from 'node:util';
import { TuttiError } from '@tutti/kernel';

export interface CommandLine {
  readonly dataDir: string | undefined;
  readonly port: string | undefined;
  /** Carry the example through `architecture-design` once it serves. */
  readonly demo: boolean;
  /** Let a person decide the example's approval. */
  readonly ask: boolean;
  readonly configSchema: boolean;
  /** Say which folders the configuration names. */
  readonly folders: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: node services/standalone/dist/main.js [options]

All of Tutti in one process on the embedded backends. Prints "ready <url>" when it serves.

  --data-dir DIR   where everything is kept (default: .tutti)
  --port N         port of the gateway, 0 for any free one (default: 4700)
  --demo           then carry the example requirements through architecture-design; prints "document <path>"
  --ask            with --demo: wait for you to approve instead of approving as "demo"
  --config-schema  print the JSON Schema of the configuration and end
  --folders        print the folders of workflows and agents that the configuration names, as JSON, and end
  --help           print this and end`;

/** @throws TuttiError INVALID_CONFIG */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const options = {
    'data-dir': { type: 'string' },
    port: { type: 'string' },
    demo: { type: 'boolean' },
    'no-demo': { type: 'boolean' },
    ask: { type: 'boolean' },
    'config-schema': { type: 'boolean' },
    folders: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options, allowPositionals: false });
    return {
      dataDir: values['data-dir'],
      port: values.port,
      demo: values.demo === true && values['no-demo'] !== true,
      ask: values.ask === true,
      configSchema: values['config-schema'] === true,
      folders: values.folders === true,
      help: values.help === true,
    };
  } catch (error) {
    throw new TuttiError('INVALID_CONFIG', `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
