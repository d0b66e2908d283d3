import { readFile } from 'node:fs/promises';
import { dirname, extname, relative } from 'node:path';
import type { Api } from '../api/api.js';
import { isFailure } from '../failure/failure.js';
import { renderProblems } from '../failure/render-failure.js';
import type { Style } from '../terminal/style.js';
import type { ReloadPrinter } from './reload-report.js';

interface WorkflowFilesOptions {
  readonly cwd: string;
  readonly api: Pick<Api, 'registerWorkflow'>;
  readonly print: ReloadPrinter;
  readonly style: Style;
}

/** Whether the system takes the file for a definition: those right in one of the folders, not below. */
export function isWorkflowFile(folders: readonly string[], file: string): boolean {
  return folders.includes(dirname(file)) && /^\.(?:ya?ml|json)$/.test(extname(file));
}

/** Registers a definition as it now is. A bad one is refused with its lines, and the version before stays in force. */
export async function registerWorkflowFile(file: string, { cwd, api, print, style }: WorkflowFilesOptions): Promise<void> {
  const name = relative(cwd, file);
  try {
    const text = await readFile(file, 'utf8');
    const contentType = extname(file) === '.json' ? 'application/json' : 'application/yaml';
    const { workflow, created } = (await api.registerWorkflow(text, contentType)).value;
    print.done(`workflow ${workflow.name} v${workflow.version}${created ? '' : ', as it was'}: ${name}`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    const lines = error.problems.length === 0 ? [error.message] : renderProblems(error.problems, name, style);
    print.refused(`${name} is not registered; the version before stays`, lines);
  }
}
