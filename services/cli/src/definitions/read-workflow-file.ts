import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workflowFileKind, type WorkflowSource } from '@tutti/workflow-files';
import { z } from 'zod';
import type { Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { readTextFile } from '../input/text-file.js';

/** A process takes no TypeScript of ours: tests run the built one. */
const PRINTER = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/definitions/child-processes/print-workflows.js' : './child-processes/print-workflows.js',
    import.meta.url,
  ),
);

const answerSchema = z.union([
  z.object({
    workflows: z.array(z.object({ text: z.string(), contentType: z.enum(['application/yaml', 'application/json']), name: z.string() })),
  }),
  z.object({ error: z.string() }),
]);

/**
 * The definitions that a file holds as it is now. A module is loaded by a process of its own, so that it is read anew each time.
 *
 * @throws Failure FILE_UNREADABLE, also for a module that cannot be loaded
 */
export async function readWorkflowFile(
  file: string,
  { cwd, processes }: Pick<Environment, 'cwd' | 'processes'>,
): Promise<readonly WorkflowSource[]> {
  if (workflowFileKind(file) === 'module') return loadModule(resolve(cwd, file), processes);
  const contentType = extname(file).toLowerCase() === '.json' ? 'application/json' : 'application/yaml';
  return [{ text: await readTextFile(file, cwd), contentType }];
}

async function loadModule(file: string, processes: Environment['processes']): Promise<readonly WorkflowSource[]> {
  const lines: string[] = [];
  const { code, signal } = await processes.spawnNode([PRINTER, file], { onLine: (line) => lines.push(line) }).exited;
  const answer = answerSchema.safeParse(parse(lines.at(-1) ?? ''));
  if (answer.success && 'workflows' in answer.data) return answer.data.workflows;
  const reason =
    answer.success && 'error' in answer.data ? answer.data.error : `${signal ?? `exit code ${code}`}: ${lines.join('\n').trim()}`;
  throw new Failure('FILE_UNREADABLE', `cannot load ${file}: ${reason}`, { exitCode: EXIT.invalid });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
