import { workflowsOfModule } from '@tutti/workflow-files';

/** The last line on standard output: the workflows of the module that the argument names, or what kept it from loading. */
const answer = await workflowsOfModule(process.argv[2] ?? '').then(
  (workflows) => ({ workflows }),
  (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
);
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
