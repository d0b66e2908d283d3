import { defineCommand, type Argument, type Args } from '../../command.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { WorkflowSource } from '@tutti/workflow-files';
import type { Cli } from '../../cli.js';
import { readWorkflowFile } from '../../definitions/read-workflow-file.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { Failure, isFailure, usageFailure, type Problem } from '../../failure/failure.js';
import { problemsOf } from '../../failure/problem-document.js';
import { renderProblems } from '../../failure/render-failure.js';
import { readableText } from '../../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';
import { printVersions } from './versions.command.js';

const fileArgument: Argument = { name: '<file>', summary: 'YAML or JSON file, or a module that exports workflows', values: 'file' };

export const listWorkflowsCommand = defineCommand<ListOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list the registered workflows',
  flags: listFlags(200),
  names: 'the names of the workflows',
  examples: ['tutti workflow list'],
  act: listWorkflows,
});

export const getWorkflowCommand = defineCommand({
  name: 'get',
  aliases: ['show', 'describe'],
  summary: 'show a definition and the inputs it takes',
  args: [{ name: '<workflow>', summary: 'name, or name@version', values: 'workflow' }],
  names: 'its name with the version',
  examples: ['tutti workflow get architecture-design', 'tutti workflow get order-review@2 -o yaml'],
  act: showWorkflow,
});

export const validateWorkflowCommand = defineCommand({
  name: 'validate',
  summary: 'say every problem of a definition, without registering it',
  args: [fileArgument],
  examples: ['tutti workflow validate order-review.yaml'],
  act: validateWorkflow,
});

export const registerWorkflowCommand = defineCommand({
  name: 'register',
  summary: 'register a definition as its next version',
  args: [fileArgument],
  names: 'name@version of each',
  examples: ['tutti workflow register order-review.yaml'],
  act: registerWorkflow,
});

async function listWorkflows(cli: Cli, _args: Args, options: ListOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listWorkflows(limit),
    name: ({ name }) => name,
    columns: (nowMs) => [
      { title: 'WORKFLOW', value: ({ name }) => name, flexible: true },
      { title: 'VERSION', value: ({ version }) => String(version), align: 'right' },
      { title: 'REGISTERED', value: ({ registeredAt }) => agoText(registeredAt, nowMs) },
      { title: 'DESCRIPTION', value: ({ description }) => description, flexible: true },
      { title: 'HASH', value: ({ hash }) => hash, wideOnly: true },
    ],
    none: 'no workflows are registered',
  });
}

async function showWorkflow(cli: Cli, [named = '']: Args): Promise<ExitCode> {
  const match = /^([^@]+)(?:@(\d{1,9}))?$/.exec(named);
  if (match === null) throw usageFailure(`"${named}" is neither name nor name@version`);
  const { api } = await cli.connect();
  const answer = await api.getWorkflow(match[1] ?? named, match[2] === undefined ? undefined : Number(match[2]));
  const { workflow } = answer.value;
  const versions = await api.listVersions(workflow.name);
  const human = (): void => {
    cli.line(
      `${cli.style.bold(`${sanitizeText(workflow.name)} v${workflow.version}`)}  ${cli.style.dim(`registered ${agoText(workflow.registeredAt, cli.now())}`)}`,
    );
    cli.line(cli.style.dim(`sha256 ${workflow.hash}`));
    cli.line();
    printVersions(cli, versions.value);
    cli.line();
    for (const line of sanitizeLines((workflow.source || readableText(workflow.definition)).trimEnd())) cli.line(line);
  };
  cli.result({ ...(answer.raw as object), ...(versions.raw as object) }, human, [`${workflow.name}@${workflow.version}`]);
  return EXIT.ok;
}

async function validateWorkflow(cli: Cli, [file = '']: Args): Promise<ExitCode> {
  const sources = await sourcesOf(cli, file);
  const { api } = await cli.connect();
  let count = 0;
  for (const source of sources) {
    const answer = await api.validateWorkflow(source.text, source.contentType);
    const problems = placed(problemsOf(answer.value), source);
    count += problems.length;
    emit(cli, sources, answer.raw, () => {
      if (problems.length === 0) cli.line(`${cli.style.green('✓')} ${nameOf(file, source)} is valid`);
      for (const line of renderProblems(problems, nameOf(file, source), cli.style)) cli.line(line.trimStart());
    });
  }
  if (count > 0) cli.say(`${count} ${count === 1 ? 'problem' : 'problems'}`);
  return count === 0 ? EXIT.ok : EXIT.invalid;
}

async function registerWorkflow(cli: Cli, [file = '']: Args): Promise<ExitCode> {
  const sources = await sourcesOf(cli, file);
  const { api } = await cli.connect();
  for (const source of sources) {
    const { raw, value } = await api.registerWorkflow(source.text, source.contentType).catch((error: unknown) => {
      // Lines are the file's, not the request's.
      if (isFailure(error) && error.problems.length > 0) {
        const problems = placed(error.problems, source);
        throw new Failure(error.code, error.message, { exitCode: error.exitCode, source: nameOf(file, source), problems, cause: error });
      }
      throw error;
    });
    emit(cli, sources, raw, () => printRegistered(cli, value), `${value.workflow.name}@${value.workflow.version}`);
  }
  return EXIT.ok;
}

/** @throws Failure FILE_UNREADABLE */
async function sourcesOf(cli: Cli, file: string): Promise<readonly WorkflowSource[]> {
  const sources = await readWorkflowFile(file, cli.environment);
  if (sources.length > 0) return sources;
  throw new Failure('FILE_UNREADABLE', `${file} exports no workflow`, {
    exitCode: EXIT.invalid,
    hint: 'export what the builder of @tutti/workflow-sdk makes',
  });
}

/** One document for a file of one workflow, one of many else. */
function emit(cli: Cli, { length }: readonly WorkflowSource[], raw: unknown, human: () => void, name = ''): void {
  if (length === 1) cli.result(raw, human, [name]);
  else cli.item(raw, human, name);
}

function nameOf(file: string, { name }: WorkflowSource): string {
  return name === undefined ? file : `${file} (${name})`;
}

/** A module's lines are not those of the definition that it makes. */
function placed(problems: readonly Problem[], { name }: WorkflowSource): readonly Problem[] {
  return name === undefined ? problems : problems.map((problem) => ({ ...problem, line: 0, column: 0 }));
}

function printRegistered(
  cli: Cli,
  { workflow, created }: { readonly workflow: { readonly name: string; readonly version: number }; readonly created: boolean },
): void {
  const name = `${sanitizeText(workflow.name)} v${workflow.version}`;
  cli.line(created ? `${cli.style.green('registered')} ${name}` : `${name} already says the same`);
}
