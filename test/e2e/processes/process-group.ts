import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../product/paths.js';
import { Program } from '../../product/program.js';
import { temporaryFolder } from '../../product/standalone-process.js';

export const SERVICES = ['gateway', 'coordinator', 'registry', 'agent-workers'] as const;
export type Service = (typeof SERVICES)[number];

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

const fixtures = join(root, 'test', 'e2e', 'processes', 'fixtures');
const CALL_LIMIT_MS = 20_000;
const ERROR_LEVEL = 50;

/** The services of one data folder, each a process of its own. */
export class ProcessGroup {
  readonly folder = temporaryFolder();
  readonly dataDir = join(this.folder, 'data');
  private readonly running = new Map<Service, Program>();
  private url = '';

  constructor(settings: Readonly<Record<string, unknown>> = {}) {
    const config = {
      workflowFolders: [join(fixtures, 'workflows')],
      workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')], drainMs: 1_500, abortGraceMs: 1_000, killGraceMs: 500 },
      ...settings,
    };
    // JSON is YAML too.
    writeFileSync(join(this.folder, 'tutti.yaml'), JSON.stringify(config));
  }

  start(service: Service): Program {
    const program = this.launch(service);
    this.running.set(service, program);
    return program;
  }

  /** Another one is the one that this group counts on from now on. */
  adopt(service: Service, program: Program): void {
    this.running.set(service, program);
  }

  /** One more of a service, beside the one that this group counts on. */
  launch(service: Service, args: readonly string[] = service === 'gateway' ? ['--port', '0'] : []): Program {
    return new Program([join(root, 'services', service, 'dist', 'main.js'), '--data-dir', this.dataDir, ...args], { cwd: this.folder });
  }

  of(service: Service): Program {
    const program = this.running.get(service);
    if (program === undefined) throw new Error(`${service} was not started`);
    return program;
  }

  /** Resolves when every service that was started says that it serves. */
  async ready(): Promise<void> {
    for (const [service, program] of this.running) {
      const [, at = ''] = await program.printed(/^ready (\S+)$/m);
      if (service === 'gateway') this.url = at;
    }
  }

  get address(): string {
    return this.url;
  }

  token(): string {
    return readFileSync(join(this.dataDir, 'token'), 'utf8').trim();
  }

  grpcAddress(): string {
    const { grpcUrl } = JSON.parse(readFileSync(join(this.dataDir, 'server.json'), 'utf8')) as { readonly grpcUrl: string };
    return grpcUrl.replace('grpc://', '');
  }

  /** Rejects only where nobody answers at all. */
  async call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token()}`,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  /** What all processes so far logged as errors; a line that a kill tore apart is left out. */
  errors(): readonly string[] {
    const lines = readFileSync(join(this.dataDir, 'tutti.log'), 'utf8').split('\n');
    return lines.filter((line) => Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 0) >= ERROR_LEVEL);
  }
}
