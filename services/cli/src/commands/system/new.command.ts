import { defineCommand, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { basename, relative, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { packageSources } from '../../new-project/package-sources.js';
import { checkProjectName } from '../../new-project/project-name.js';
import { packagesOf, projectFiles, TEMPLATES, type Template } from '../../new-project/template.js';
import { requireEmpty, writeProject } from '../../new-project/write-project.js';

interface NewOptions {
  readonly template: Template;
}

export const newProjectCommand = defineCommand<NewOptions>({
  name: 'new',
  summary: 'write a project with a workflow, two agents and a test, into a folder that is empty or not there',
  args: [{ name: '<folder>', summary: 'its last part is the project’s name', values: 'folder' }],
  flags: [
    {
      flags: '-t, --template <template>',
      summary: 'what workflow and agents are written in',
      choices: TEMPLATES,
      default: 'typescript',
    },
  ],
  names: 'the folder',
  examples: ['tutti new order-review', 'tutti new order-review --template yaml'],
  act: create,
});

async function create(cli: Cli, [folder = '']: Args, { template }: NewOptions): Promise<ExitCode> {
  const { cwd, cliVersion } = cli.environment;
  const project = resolve(cwd, folder);
  const name = checkProjectName(basename(project));
  await requireEmpty(project);
  const sources = await packageSources(await packagesOf(template), { project, version: cliVersion });
  const files = await projectFiles(template, name, sources);
  await writeProject(project, files);
  const commands = [...enter(relative(cwd, project)), 'npm install', 'npm test', 'npx tutti dev'];
  cli.result(
    { project, name, template, files: files.map(({ path }) => path) },
    () => {
      cli.line(`${cli.style.green('✓')} ${project}: ${files.length} files`);
      for (const command of commands) cli.line(`  ${command}`);
    },
    [project],
  );
  return EXIT.ok;
}

/** In the folder itself there is nowhere to go. */
function enter(path: string): readonly string[] {
  return path === '' ? [] : [`cd ${path}`];
}
