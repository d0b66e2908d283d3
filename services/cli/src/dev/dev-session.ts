import type { Api } from '../api/api.js';
import type { Environment } from '../environment.port.js';
import type { Style } from '../terminal/style.js';
import { AgentHost } from './agent-host.js';
import { ChangeFeed } from './change-feed.js';
import { agentHostCommand } from './dev-system.js';
import { fileNames, type ReloadPrinter } from './reload-report.js';
import { takeSnapshot, type FileChanges } from './snapshot.js';
import { kindOf, registerWorkflowFile } from './workflow-files.js';

export interface DevSessionOptions {
  readonly environment: Pick<Environment, 'cwd' | 'folderWatcher' | 'processes' | 'runtime'>;
  readonly dataDir: string;
  /** Absolute, as are the others. */
  readonly workflowFolders: readonly string[];
  readonly agentFolders: readonly string[];
  readonly api: Pick<Api, 'registerWorkflow'>;
  readonly print: ReloadPrinter;
  readonly style: Style;
}

/** Brings the project's workflows and agents into a system that runs, and again whenever their files change. Says one line for each. */
export class DevSession {
  readonly folders: readonly string[];
  private readonly host: AgentHost;
  private changes: ChangeFeed | null = null;
  private stopping: Promise<void> | null = null;

  constructor(private readonly options: DevSessionOptions) {
    this.folders = [...new Set([...options.workflowFolders, ...options.agentFolders])];
    this.host = new AgentHost({
      environment: options.environment,
      command: agentHostCommand(options.dataDir),
      onLine: (line) => options.print.line(line),
      onLost: (how) => options.print.refused(`the agents' process ended on its own (${how}); the next change starts another`, []),
    });
  }

  /** Resolves when everything was tried once; what is wrong then is said, and taken up when it is repaired. */
  async start(): Promise<void> {
    const { environment } = this.options;
    const snapshot = await takeSnapshot(this.folders);
    await this.reloadAgents('agents of this project');
    const { workflowFolders } = this.options;
    const files = [...snapshot.keys()].filter((file) => kindOf(workflowFolders, file) !== null);
    for (const file of files.sort()) await registerWorkflowFile(file, this.options);
    if (this.stopping !== null) return;
    this.changes = new ChangeFeed(
      {
        folders: this.folders,
        watcher: environment.folderWatcher,
        runtime: environment.runtime,
        onChanges: (changes) => this.take(changes),
      },
      snapshot,
    );
  }

  /** Ends the agents' processes as at a shut-down. Repeats answer the first call. */
  stop(): Promise<void> {
    this.changes?.stop();
    return (this.stopping ??= this.host.stop());
  }

  /** Ends them now. */
  kill(): void {
    this.host.kill();
  }

  private async take({ changed, removed }: FileChanges): Promise<void> {
    const { workflowFolders, print, environment } = this.options;
    const isDefinition = (file: string): boolean => kindOf(workflowFolders, file) === 'definition';
    // Code of any kind may be imported by agents and by modules of workflows alike.
    const code = [...changed, ...removed].filter((file) => !isDefinition(file));
    if (code.length > 0) await this.reloadAgents(fileNames(environment.cwd, code));
    for (const file of changed.filter(isDefinition)) await registerWorkflowFile(file, this.options);
    if (code.length > 0) await this.registerModules(new Set(changed));
    for (const file of removed.filter((path) => kindOf(workflowFolders, path) !== null))
      print.done(`${fileNames(environment.cwd, [file])} is gone; the versions that it registered stay`);
  }

  private async registerModules(changed: ReadonlySet<string>): Promise<void> {
    const { workflowFolders } = this.options;
    const files = [...(await takeSnapshot(workflowFolders)).keys()].filter((file) => kindOf(workflowFolders, file) === 'module');
    for (const file of files.sort()) await registerWorkflowFile(file, this.options, { quiet: !changed.has(file) });
  }

  private async reloadAgents(why: string): Promise<void> {
    if (this.stopping !== null) return;
    const { print } = this.options;
    const outcome = await this.host.reload();
    if (outcome.ok)
      print.done(`agents loaded in ${outcome.tookMs} ms${outcome.leaving ? ', while the ones before end their tasks' : ''}: ${why}`);
    else print.refused(`the agents stay as they were: ${why}`, outcome.lines);
  }
}
