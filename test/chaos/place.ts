import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, standaloneMain } from '../product/paths.js';
import { Program } from '../product/program.js';
import { temporaryFolder } from '../product/standalone-process.js';

const fixtures = join(root, 'test', 'chaos', 'fixtures');

const LEVELS = { warn: 40, error: 50 } as const;

interface PlaceOptions {
  /** Default: a temporary folder of its own. */
  readonly folder?: string;
  /** Settings beside those of the fixtures. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A working folder with a configuration that names the fixtures, and a data folder below it. */
export class Place {
  readonly folder: string;
  readonly dataDir: string;
  private readonly started: Product[] = [];

  constructor(
    private readonly witnessUrl: string,
    { folder = temporaryFolder(), settings = {} }: PlaceOptions = {},
  ) {
    this.folder = folder;
    this.dataDir = join(folder, 'data');
    const config = {
      workflowFolders: [join(fixtures, 'workflows')],
      workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')], drainMs: 1_500, abortGraceMs: 1_000, killGraceMs: 500 },
      ...settings,
    };
    // JSON is YAML too.
    writeFileSync(join(this.folder, 'tutti.yaml'), JSON.stringify(config));
  }

  start(): Product {
    return this.startProgram([standaloneMain, '--data-dir', this.dataDir, '--port', '0']);
  }

  /** Something that starts the product itself. */
  startProgram(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Product {
    const product = new Product(argv, { cwd: this.folder, env: { WITNESS_URL: this.witnessUrl, ...environment } });
    this.started.push(product);
    return product;
  }

  /** Of the process that serves the data folder, as it says itself; undefined when none does. */
  servedBy(): { readonly url: string; readonly pid: number } | undefined {
    try {
      return JSON.parse(readFileSync(join(this.dataDir, 'server.json'), 'utf8')) as { readonly url: string; readonly pid: number };
    } catch {
      return undefined;
    }
  }

  newest(): Product {
    const product = this.started.at(-1);
    if (product === undefined) throw new Error('nothing was started here');
    return product;
  }

  /** What all lives here logged at this level or above. A line that a kill tore apart is left out. */
  logged(least: keyof typeof LEVELS): readonly string[] {
    const lines = readFileSync(join(this.dataDir, 'tutti.log'), 'utf8').split('\n');
    return lines.filter((line) => Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 0) >= LEVELS[least]);
  }

  token(): string {
    return readFileSync(join(this.dataDir, 'token'), 'utf8').trim();
  }
}

/** One life of the real process. */
export class Product extends Program {
  /** The gateway's address once it serves. */
  async ready(): Promise<string> {
    const [, url = ''] = await this.printed(/^ready (\S+)$/m);
    return url;
  }
}
