import { defineCommand } from '../../command.js';
import { SCRIPTS, SHELLS, type Shell } from '../../completion/scripts.js';
import { EXIT } from '../../failure/exit-codes.js';

/** Makes shells complete the words of a table. */
export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'print what makes a shell complete commands, flags, and ids of runs, workflows, agents, approvals and profiles',
  args: [{ name: '<shell>', summary: 'for which shell', choices: SHELLS }],
  examples: ['source <(tutti completion bash)', 'source <(tutti completion zsh)', 'tutti completion fish | source'],
  act: (cli, [shell]) => {
    cli.environment.stdout.write(SCRIPTS[shell as Shell]);
    return Promise.resolve(EXIT.ok);
  },
});
