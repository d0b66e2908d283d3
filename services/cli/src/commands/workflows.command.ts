import type { WorkflowSource } from '@tutti/workflow-files';
import type { Cli } from '../cli.js';
import { examples, type Action, type RegisterCommand } from '../command.js';
import { readWorkflowFile } from '../definitions/read-workflow-file.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { Failure, isFailure, usageFailure, type Problem } from '../failure/failure.js';
import { problemsOf } from '../failure/problem-document.js';
import { renderProblems } from '../failure/render-failure.js';
import { readableText } from '../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';
import { printVersions, registerVersionCommands } from './versions.command.js';

export const registerWorkflows: RegisterCommand = (program, act) => {
  const command = program.command('workflows').description('list, show, check and register workflow definitions');
  examples(
    act(command, listWorkflows),
    'tutti workflows',
    'tutti workflows show order-review@2',
    'tutti workflows register order-review.yaml',
  );
  examples(
    act(
      command.command('show').description('show a definition and the inputs it takes').argument('<workflow>', 'name, or name@version'),
      showWorkflow,
    ),
    'tutti workflows show architecture-design',
    'tutti workflows show order-review@2 -o yaml',
  );
  examples(
    act(
      command
        .command('validate')
        .description('say every problem of a definition, without registering it')
        .argument('<file>', 'YAML or JSON file, or a module that exports workflows'),
      validateWorkflow,
    ),
    'tutti workflows validate order-review.yaml',
  );
  examples(
    act(
      command
        .command('register')
        .description('register a definition as its next version')
        .argument('<file>', 'YAML or JSON file, or a module that exports workflows'),
      registerWorkflow,
    ),
    'tutti workflows register order-review.yaml',
  );
  registerVersionCommands(command, act);
};

const listWorkflows: Action<object> = async (cli): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.listWorkflows();
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
        { title: 'WORKFLOW', value: ({ name }) => name, flexible: true },
        { title: 'VERSION', value: ({ version }) => String(version), align: 'right' },
        { title: 'REGISTERED', value: ({ registeredAt }) => agoText(registeredAt, now) },
        { title: 'DESCRIPTION', value: ({ description }) => description, flexible: true },
        { title: 'HASH', value: ({ hash }) => hash, wideOnly: true },
      ],
      'no workflows are registered',
    ),
  );
  return EXIT.ok;
};

const showWorkflow: Action<object> = async (cli, [named = '']): Promise<ExitCode> => {
  const match = /^([^@]+)(?:@(\d{1,9}))?$/.exec(named);
  if (match === null) throw usageFailure(`"${named}" is neither name nor name@version`);
  const { api } = await cli.connect();
  const answer = await api.getWorkflow(match[1] ?? named, match[2] === undefined ? undefined : Number(match[2]));
  const { workflow } = answer.value;
  const versions = await api.listVersions(workflow.name);
  cli.result({ ...(answer.raw as object), ...(versions.raw as object) }, () => {
    cli.line(
      `${cli.style.bold(`${sanitizeText(workflow.name)} v${workflow.version}`)}  ${cli.style.dim(`registered ${agoText(workflow.registeredAt, cli.now())}`)}`,
    );
    cli.line(cli.style.dim(`sha256 ${workflow.hash}`));
    cli.line();
    printVersions(cli, versions.value);
    cli.line();
    for (const line of sanitizeLines((workflow.source || readableText(workflow.definition)).trimEnd())) cli.line(line);
  });
  return EXIT.ok;
};

const validateWorkflow: Action<object> = async (cli, [file = '']): Promise<ExitCode> => {
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
};

const registerWorkflow: Action<object> = async (cli, [file = '']): Promise<ExitCode> => {
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
    emit(cli, sources, raw, () => printRegistered(cli, value));
  }
  return EXIT.ok;
};

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
function emit(cli: Cli, { length }: readonly WorkflowSource[], raw: unknown, human: () => void): void {
  if (length === 1) cli.result(raw, human);
  else cli.item(raw, human);
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
