import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { standaloneMain, tuttiMain } from './paths.js';
import { killPrograms, Program, type Ended, type ProgramOptions } from './program.js';

const CALL_LIMIT_MS = 20_000;
const PROBE_LIMIT_MS = 20_000;
const KIB_PER_MIB = 1_024;

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-test-'));
  folders.push(folder);
  return folder;
}

/** For `afterAll`: ends what a failed test left running and removes every temporary folder. */
export async function cleanUp(): Promise<void> {
  await killPrograms();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed when the answer says that it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly limitMs?: number;
}

export interface StandaloneOptions extends Pick<ProgramOptions, 'env'> {
  readonly folder?: string;
  /** What `tutti.yaml` in the folder holds; a file that is there stays when this is not given. */
  readonly config?: object;
  /** Default: `data` in the folder. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  /** Options of Node's own. */
  readonly nodeArgs?: readonly string[];
}

/** The standalone process, serving on a free port with its data below a temporary folder. */
export class Standalone {
  readonly token: string;
  private readonly connections = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(
    readonly folder: string,
    readonly dataDir: string,
    readonly program: Program,
    readonly url: string,
  ) {
    this.token = readFileSync(join(dataDir, 'token'), 'utf8').trim();
  }

  static launch(options: StandaloneOptions = {}): { readonly folder: string; readonly program: Program } {
    const { folder = temporaryFolder(), config, dataDir = join(folder, 'data'), args = [], nodeArgs = [], env } = options;
    if (config !== undefined) writeFileSync(join(folder, 'tutti.yaml'), stringify(config));
    const argv = [...nodeArgs, standaloneMain, '--data-dir', dataDir, '--port', '0', ...args];
    return { folder, program: new Program(argv, { cwd: folder, ...(env === undefined ? {} : { env }) }) };
  }

  static async start(options: StandaloneOptions = {}): Promise<Standalone> {
    const { folder, program } = Standalone.launch(options);
    const [, url = ''] = await program.printed(/^ready (\S+)$/m);
    return new Standalone(folder, options.dataDir ?? join(folder, 'data'), program, url);
  }

  call(method: string, path: string, { headers = {}, body, limitMs = CALL_LIMIT_MS }: CallOptions = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array ? body : body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.connections,
          timeout: limitMs,
          headers: {
            authorization: `Bearer ${this.token}`,
            ...(raw === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(raw) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = /[/+]json\b/.test(response.headers['content-type'] ?? '');
            const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered within ${limitMs} ms`)));
      sent.on('error', reject);
      sent.end(raw);
    });
  }

  /** What JavaScript still holds after a full collection, in MiB. Only of a process that was started with the heap probe. */
  async heldMiB(): Promise<number> {
    const answer = once(this.program.child, 'message', { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    this.program.signal('SIGUSR2');
    const [{ heapUsed }] = (await answer) as [{ readonly heapUsed: number }];
    return heapUsed / KIB_PER_MIB / KIB_PER_MIB;
  }

  /** Memory that no file stands behind, in MiB: heaps, buffers, stacks. What SQLite maps does not count. */
  anonymousMiB(): number {
    const status = readFileSync(`/proc/${this.program.pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / KIB_PER_MIB;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.connections.destroy();
    return this.program.stop(signal);
  }
}

/** A command of the CLI in the folder, on the folder's data. */
export function tutti(folder: string, ...args: readonly string[]): Program {
  return new Program([tuttiMain, ...args, '--data-dir', join(folder, 'data')], { cwd: folder });
}
