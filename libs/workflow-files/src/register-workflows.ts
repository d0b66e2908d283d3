import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { isTuttiError, TuttiError } from '@tutti/kernel';
import { workflowFileKind, workflowsOfModule, type WorkflowSource } from './workflow-module.js';

export interface WorkflowSources {
  /** Package names, found from `base`. */
  readonly packages: readonly string[];
  readonly base: string;
  /** Folders, relative to `cwd`. */
  readonly folders: readonly string[];
  readonly cwd: string;
  /** Who registers them, like `service:coordinator`. */
  readonly actor: string;
}

/** What takes definitions: the contract `WorkflowService`, as far as it is needed. */
interface Registrar {
  registerWorkflow(request: { readonly source: string; readonly actor: string }): Promise<{
    readonly workflow?: { readonly name: string; readonly version: number } | undefined;
    readonly created: boolean;
  }>;
}

interface RegistrationLogger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * Registers every definition of the packages and folders. What is registered already stays one version.
 *
 * @throws TuttiError INVALID_CONFIG with every problem of every file at once
 */
export async function registerWorkflows(workflows: Registrar, sources: WorkflowSources, logger: RegistrationLogger): Promise<void> {
  const folders = [
    ...sources.packages.flatMap((name) => packageFolder(name, sources.base)),
    ...sources.folders.map((folder) => resolve(sources.cwd, folder)),
  ];
  const problems: string[] = [];
  for (const folder of folders) {
    for (const file of await definitionFiles(folder)) {
      for (const { text, name } of await sourcesOf(file, problems)) {
        try {
          const { workflow, created } = await workflows.registerWorkflow({ source: text, actor: sources.actor });
          if (created) logger.info('registered a workflow', { workflow: workflow?.name, version: workflow?.version, file });
        } catch (error) {
          if (!isTuttiError(error, 'DEFINITION_INVALID')) throw error;
          problems.push(...problemLines(file, name, error));
        }
      }
    }
  }
  if (problems.length > 0)
    throw new TuttiError('INVALID_CONFIG', `workflow definitions are not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

/** What a file defines; for a module that cannot be loaded nothing, and a problem. */
async function sourcesOf(file: string, problems: string[]): Promise<readonly Pick<WorkflowSource, 'text' | 'name'>[]> {
  if (workflowFileKind(file) === 'definition') return [{ text: await readFile(file, 'utf8') }];
  try {
    return await workflowsOfModule(file);
  } catch (error) {
    problems.push(`${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function packageFolder(name: string, base: string): readonly string[] {
  const require = createRequire(join(base, 'package.json'));
  const file = require.resolve(`${name}/package.json`);
  const { tutti } = require(file) as { readonly tutti?: { readonly workflows?: string } };
  return tutti?.workflows === undefined ? [] : [join(dirname(file), tutti.workflows)];
}

async function definitionFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => workflowFileKind(name) !== null)
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new TuttiError(
      'INVALID_CONFIG',
      `workflow folder ${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** A module's lines are not those of the definition that it makes, so there it is the path that says where. */
function problemLines(file: string, name: string | undefined, error: TuttiError): readonly string[] {
  const { problems } = error.details as unknown as {
    readonly problems: readonly { readonly line: number; readonly column: number; readonly path: string; readonly message: string }[];
  };
  return problems.map(({ line, column, path, message }) =>
    name === undefined ? `${file}:${line}:${column} ${message}` : `${file} (${name}) ${path}: ${message}`,
  );
}
