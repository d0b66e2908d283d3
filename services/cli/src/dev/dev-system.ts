import { z } from 'zod';
import { agentWorkersFile, standaloneCommand, standaloneFile } from '../connection/standalone-entry.js';
import type { Child, ChildExit, Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

const READY = /^ready (\S+)$/;

const foldersSchema = z.object({ workflowFolders: z.array(z.string()), agentFolders: z.array(z.string()) });
export type ProjectFolders = z.infer<typeof foldersSchema>;

/**
 * The folders that the configuration in the working folder names, absolute.
 *
 * @throws Failure INVALID_CONFIG with what is wrong with the configuration
 */
export async function projectFolders({ processes }: Pick<Environment, 'processes'>): Promise<ProjectFolders> {
  const lines: string[] = [];
  const { code } = await processes.spawnNode([standaloneFile('main.js'), '--folders'], { onLine: (line) => lines.push(line) }).exited;
  if (code === 0) return foldersSchema.parse(JSON.parse(lines.at(-1) ?? ''));
  throw new Failure('INVALID_CONFIG', lines.join('\n').replace(/^tutti cannot start: /, ''), { exitCode: EXIT.invalid });
}

export interface DevSystem {
  readonly url: string;
  readonly child: Child;
}

/** The system without agents, which come from processes beside it, and without the project's workflows, which are registered as they change. */
export async function startDevSystem(
  { processes }: Pick<Environment, 'processes'>,
  { dataDir, port, onLine }: { readonly dataDir: string; readonly port: number | undefined; readonly onLine: (line: string) => void },
): Promise<DevSystem | ChildExit> {
  let ready: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => (ready = resolve));
  const child = processes.spawnNode(
    standaloneCommand({ dataDir, ...(port === undefined ? {} : { port }) }),
    {
      onLine(line) {
        const found = READY.exec(line);
        if (found === null) onLine(line);
        else ready(found[1] ?? '');
      },
    },
    { TUTTI_EMBEDDED_WORKER: 'false', TUTTI_WORKER_PROCESSES__ACCEPT: 'true', TUTTI_WORKFLOW_FOLDERS: '' },
  );
  const outcome = await Promise.race([url, child.exited]);
  return typeof outcome === 'string' ? { url: outcome, child } : outcome;
}

/** What hosts the project's agents. */
export function agentHostCommand(dataDir: string): readonly string[] {
  return [agentWorkersFile(), '--data-dir', dataDir];
}
