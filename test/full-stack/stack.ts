import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@tutti/kernel';
import { startParts } from '../../scripts/parts/parts.mjs';
import { Door } from '../chaos/door.js';
import { root, serviceMain, type ServiceName } from '../product/paths.js';
import { Program } from '../product/program.js';
import { temporaryFolder } from '../product/standalone-process.js';

export const SIX: readonly ServiceName[] = ['gateway', 'coordinator', 'registry', 'agent-workers', 'metrics', 'self-improvement'];

const START_LIMIT_MS = 90_000;
const CHAOS = join(root, 'test', 'chaos', 'fixtures');
const TOKEN = 'full-stack-of-a-test-0123456789';
const ERROR_LEVEL = 50;

interface StackOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
}

type Parts = Awaited<ReturnType<typeof startParts>>;

/** Kafka's own broker, a Mongo-compatible server and EventStoreDB's protocol, for this stack alone, and services as processes on them that share nothing else. */
export class Stack {
  readonly folder = temporaryFolder();
  private readonly programs = new Map<string, Program>();

  private constructor(
    readonly parts: Parts,
    private readonly options: StackOptions,
  ) {
    const settings = {
      workflowFolders: [join(CHAOS, 'workflows'), join(root, 'test', 'full-stack', 'fixtures', 'workflows')],
      workers: { agentPackages: [], agentFolders: [join(CHAOS, 'agents')], drainMs: 1_500, abortGraceMs: 1_000, killGraceMs: 500 },
      ...options.settings,
    };
    // JSON is YAML too.
    writeFileSync(join(this.folder, 'tutti.yaml'), JSON.stringify(settings));
  }

  static async open(options: StackOptions = {}): Promise<Stack> {
    return new Stack(await startParts(), options);
  }

  /** @param name of the process, where there are several of the service; its data folder, too */
  start(service: ServiceName, name: string = service): Program {
    const dataDir = join(this.folder, name);
    mkdirSync(dataDir, { recursive: true });
    const ports = { metrics: { TUTTI_METRICS__PORT: '0' }, 'self-improvement': { TUTTI_SELF_IMPROVEMENT__PORT: '0' } } as const;
    const program = new Program([serviceMain(service), '--data-dir', dataDir, ...(service === 'gateway' ? ['--port', '0'] : [])], {
      cwd: this.folder,
      env: { ...this.environment(), ...(service in ports ? ports[service as keyof typeof ports] : {}) },
    });
    this.programs.set(name, program);
    return program;
  }

  /** What a service needs to be on these parts. */
  environment(): Readonly<Record<string, string>> {
    const { kafka, mongo, eventstoredb } = this.parts;
    return {
      TUTTI_BACKENDS: 'full',
      TUTTI_KAFKA__BROKERS: kafka.address,
      TUTTI_MONGO__URL: mongo.address,
      TUTTI_EVENT_STORE__URL: eventstoredb.address,
      TUTTI_SERVICES__SECRET: 'a secret that only the services of this stack share',
      TUTTI_GATEWAY__TOKEN: TOKEN,
      ...this.options.environment,
    };
  }

  of(name: string): Program {
    const program = this.programs.get(name);
    if (program === undefined) throw new Error(`${name} was not started`);
    return program;
  }

  /** Resolves to what it is ready at. */
  async ready(name: string): Promise<string> {
    const [, at = ''] = await this.of(name).printed(/^ready (\S+)$/m, START_LIMIT_MS);
    return at;
  }

  async allReady(): Promise<void> {
    await Promise.all([...this.programs.keys()].map((name) => this.ready(name)));
  }

  /** A user of a gateway's REST surface. */
  async door(name = 'gateway'): Promise<Door> {
    return new Door(await this.ready(name), TOKEN);
  }

  async call(path: string, body?: JsonObject, name = 'gateway'): Promise<{ readonly status: number; readonly json: JsonObject }> {
    const response = await fetch(`${await this.ready(name)}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as JsonObject };
  }

  /** Lines of all processes' logs, of the level or above, with the process in front. */
  logged(level: number = ERROR_LEVEL): readonly string[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => linesOf(join(this.folder, name, 'tutti.log')).map((line) => [name, line] as const))
      .filter(([, line]) => Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 0) >= level)
      .map(([name, line]) => `${name}: ${line}`);
  }

  /** Services first, in order; then the parts. */
  async close(): Promise<void> {
    await Promise.all([...this.programs.values()].map((program) => program.stop()));
    await this.parts.close();
  }
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
