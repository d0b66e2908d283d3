import { basename, relative, resolve } from 'node:path';
import { Option } from 'commander';
import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { packageSources } from '../new-project/package-sources.js';
import { checkProjectName } from '../new-project/project-name.js';
import { packagesOf, projectFiles, TEMPLATES, type Template } from '../new-project/template.js';
import { requireEmpty, writeProject } from '../new-project/write-project.js';

interface NewOptions {
  readonly template: Template;
}

export const registerNew: RegisterCommand = (program, act) => {
  const command = program
    .command('new')
    .description('write a project with a workflow, two agents and a test, into a folder that is empty or not there')
    .argument('<folder>', 'its last part is the project’s name')
    .addOption(new Option('-t, --template <template>', 'what workflow and agents are written in').choices(TEMPLATES).default('typescript'));
  examples(act(command, create), 'tutti new order-review', 'tutti new order-review --template yaml');
};

const create: Action<NewOptions> = async (cli, [folder = ''], { template }): Promise<ExitCode> => {
  const { cwd, cliVersion } = cli.environment;
  const project = resolve(cwd, folder);
  const name = checkProjectName(basename(project));
  await requireEmpty(project);
  const sources = await packageSources(await packagesOf(template), { project, version: cliVersion });
  const files = await projectFiles(template, name, sources);
  await writeProject(project, files);
  const commands = [...enter(relative(cwd, project)), 'npm install', 'npm test', 'npx tutti dev'];
  cli.result({ project, name, template, files: files.map(({ path }) => path) }, () => {
    cli.line(`${cli.style.green('✓')} ${project}: ${files.length} files`);
    for (const command of commands) cli.line(`  ${command}`);
  });
  return EXIT.ok;
};

/** In the folder itself there is nowhere to go. */
function enter(path: string): readonly string[] {
  return path === '' ? [] : [`cd ${path}`];
}
