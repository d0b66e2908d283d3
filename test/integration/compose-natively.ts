import { root } from '../product/paths.js';
import { Program } from '../product/program.js';
import { readCompose, type ComposeService } from '../workspace/compose-file.js';

const READY_LIMIT_MS = 120_000;

export interface Natively {
  /** What the variables of docker-compose.yml are. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where things are without containers: what an address of the file is replaced by, `host:port` by `host:port`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Where each service keeps what its container keeps in /data. */
  readonly dataDir: (service: string) => string;
  /** A port that is free on this machine, for one that a container has to itself. */
  readonly port: () => Promise<number>;
}

/**
 * The services of docker-compose.yml's profile "full" that are Tutti's own, as processes of this machine: each by its command, with its
 * environment, in the order that it names, once its own health check says that what it waits for is healthy.
 */
export class ComposeNatively {
  private readonly own: ReadonlyMap<string, ComposeService>;
  private readonly programs = new Map<string, Program>();
  private readonly environments = new Map<string, Readonly<Record<string, string>>>();

  private constructor(private readonly options: Natively) {
    this.own = new Map(
      Object.entries(readCompose().services).filter(([, { profiles, build }]) => profiles.includes('full') && build !== undefined),
    );
  }

  static async prepare(options: Natively): Promise<ComposeNatively> {
    const compose = new ComposeNatively(options);
    const moved = new Map(Object.entries(options.addresses));
    for (const { environment = {} } of compose.own.values()) {
      const address = environment['TUTTI_SERVICES__ADDRESS'];
      if (address !== undefined) moved.set(String(address), `127.0.0.1:${await options.port()}`);
    }
    for (const [name, service] of compose.own) compose.environments.set(name, await compose.environmentOf(name, service, moved));
    return compose;
  }

  get services(): readonly string[] {
    return [...this.own.keys()];
  }

  environment(service: string): Readonly<Record<string, string>> {
    return this.environments.get(service) ?? {};
  }

  program(service: string): Program {
    const program = this.programs.get(service);
    if (program === undefined) throw new Error(`${service} was not started`);
    return program;
  }

  /** Starts all, each when those are healthy that it waits for. */
  async up(): Promise<void> {
    const waiting = new Map(this.own);
    const healthy = new Set<string>();
    while (waiting.size > 0) {
      const next = [...waiting].filter(([, service]) => this.ownNeeds(service).every((need) => healthy.has(need)));
      if (next.length === 0) throw new Error(`these wait for each other: ${[...waiting.keys()].join(', ')}`);
      for (const [name] of next) {
        this.start(name);
        waiting.delete(name);
      }
      await Promise.all(next.map(([name]) => this.untilHealthy(name)));
      for (const [name] of next) healthy.add(name);
    }
  }

  start(name: string): void {
    const [node, ...args] = this.own.get(name)?.command ?? [];
    if (node !== 'node') throw new Error(`${name} is started by ${node}, not by node`);
    this.programs.set(name, new Program(args, { cwd: root, env: this.environment(name) }));
  }

  /** The exit code of the service's own health check. */
  async check(name: string): Promise<number | NodeJS.Signals> {
    const [kind, node, ...args] = this.own.get(name)?.healthcheck?.test ?? [];
    if (kind !== 'CMD' || node !== 'node') throw new Error(`the health of ${name} is not asked by node`);
    return new Program(args, { cwd: root, env: this.environment(name) }).outcome();
  }

  async down(): Promise<void> {
    await Promise.all([...this.programs.values()].map((program) => program.stop()));
  }

  private async untilHealthy(name: string): Promise<void> {
    const deadline = performance.now() + READY_LIMIT_MS;
    const program = this.program(name);
    while ((await this.check(name)) !== 0) {
      if (!program.isAlive || performance.now() > deadline) throw new Error(`${name} is not healthy: ${program.output}`);
    }
  }

  private ownNeeds({ depends_on = {} }: ComposeService): readonly string[] {
    return Object.keys(depends_on).filter((name) => this.own.has(name));
  }

  private async environmentOf(
    name: string,
    { environment = {} }: ComposeService,
    moved: ReadonlyMap<string, string>,
  ): Promise<Readonly<Record<string, string>>> {
    const native: Record<string, string> = {};
    const own = environment['TUTTI_SERVICES__ADDRESS'];
    for (const [variable, given] of Object.entries(environment)) {
      const value = interpolate(String(given), this.options.variables);
      if (variable === 'TUTTI_DATA_DIR') native[variable] = this.options.dataDir(name);
      else if (variable === 'TUTTI_SERVICES__PORT') native[variable] = (moved.get(String(own)) ?? '').split(':')[1] ?? '';
      else if (/__PORT$/.test(variable) && value !== '0') native[variable] = String(await this.options.port());
      else native[variable] = replaced(value, moved);
    }
    return native;
  }
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, as Compose reads them. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string | undefined, rest: string = '') => {
    const value = variables[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${rest}`);
    return value === '' ? rest : value;
  });
}

function replaced(value: string, moved: ReadonlyMap<string, string>): string {
  let text = value;
  for (const [from, to] of moved) text = text.replaceAll(from, to);
  return text;
}
