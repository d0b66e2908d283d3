import { dirname, relative } from 'node:path';
import { workflowFileKind, type WorkflowSource } from '@tutti/workflow-files';
import type { Api } from '../api/api.js';
import { readWorkflowFile } from '../definitions/read-workflow-file.js';
import type { Environment } from '../environment.port.js';
import { isFailure, type Failure } from '../failure/failure.js';
import { renderProblems } from '../failure/render-failure.js';
import type { Style } from '../terminal/style.js';
import type { ReloadPrinter } from './reload-report.js';

interface WorkflowFilesOptions {
  readonly environment: Pick<Environment, 'cwd' | 'processes'>;
  readonly api: Pick<Api, 'registerWorkflow'>;
  readonly print: ReloadPrinter;
  readonly style: Style;
}

/** What the system takes the file for: it looks at those right in one of the folders, not below. */
export function kindOf(folders: readonly string[], file: string): ReturnType<typeof workflowFileKind> {
  return folders.includes(dirname(file)) ? workflowFileKind(file) : null;
}

/**
 * Registers what a file defines as it now is. A bad definition is refused with its lines, and the version before stays in force.
 *
 * @param quiet says nothing of a workflow that is as it was
 */
export async function registerWorkflowFile(file: string, options: WorkflowFilesOptions, { quiet = false } = {}): Promise<void> {
  const { environment, print } = options;
  const place = relative(environment.cwd, file);
  try {
    for (const source of await readWorkflowFile(file, environment)) await register(source, place, options, quiet);
  } catch (error) {
    if (!isFailure(error)) throw error;
    print.refused(`${place} is not registered; the version before stays`, [error.message]);
  }
}

async function register(source: WorkflowSource, place: string, { api, print, style }: WorkflowFilesOptions, quiet: boolean): Promise<void> {
  try {
    const { workflow, created } = (await api.registerWorkflow(source.text, source.contentType)).value;
    if (created || !quiet) print.done(`workflow ${workflow.name} v${workflow.version}${created ? '' : ', as it was'}: ${place}`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const what = source.name === undefined ? place : `workflow ${source.name} of ${place}`;
    print.refused(`${what} is not registered; the version before stays`, linesOf(error, source, place, style));
  }
}

function linesOf({ problems, message }: Failure, { name }: WorkflowSource, place: string, style: Style): readonly string[] {
  if (problems.length === 0) return [message];
  // A module's lines are not those of the definition that it makes.
  const placed = name === undefined ? problems : problems.map((problem) => ({ ...problem, line: 0, column: 0 }));
  return renderProblems(placed, place, style);
}
