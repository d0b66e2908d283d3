import { extname, basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One definition of a file, as it is registered. */
export interface WorkflowSource {
  readonly text: string;
  readonly contentType: 'application/yaml' | 'application/json';
  /** For a file that may hold several: the workflow's name. */
  readonly name?: string;
}

const MODULES: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** What the system makes of a file in a folder of workflows, by its name: a definition, a module that may export some, or nothing. */
export function workflowFileKind(file: string): 'definition' | 'module' | null {
  if (/\.(?:ya?ml|json)$/.test(file)) return 'definition';
  const isOther = /\.(?:test|spec|d)\.m?[jt]s$/.test(basename(file));
  return MODULES.has(extname(file)) && !isOther ? 'module' : null;
}

/**
 * The workflows among a module's exports: what the builder of `@tutti/workflow-sdk` makes. They are told by their shape, since a project
 * brings a copy of its own. A module is loaded once in a process: a later call answers what it was then.
 *
 * @throws whatever the module throws
 */
export async function workflowsOfModule(file: string): Promise<readonly WorkflowSource[]> {
  const exports = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const built = [...new Set(Object.values(exports))].filter(isBuiltWorkflow);
  return built.map((workflow) => ({ text: workflow.toYaml(), contentType: 'application/yaml', name: workflow.name }));
}

interface BuiltWorkflow {
  readonly kind: 'workflow';
  readonly name: string;
  toYaml(): string;
}

function isBuiltWorkflow(value: unknown): value is BuiltWorkflow {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, toYaml } = value as Partial<BuiltWorkflow>;
  return kind === 'workflow' && typeof name === 'string' && typeof toYaml === 'function';
}
