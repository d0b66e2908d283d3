import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { keyValues } from '../input/key-values.js';
import { valueOf } from '../input/value-text.js';

interface SetOptions {
  readonly reason?: string;
}

export const registerSet: RegisterCommand = (program, act) => {
  const command = program
    .command('set')
    .description('set variables of a run; what is evaluated from then on sees them')
    .argument('<run>', 'id of the run')
    .argument('<key=value...>', 'text, @file for a file’s text, or :json for any value')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, set), 'tutti set 0198… budget=:50 owner=ann --reason "more is needed"');
};

const set: Action<SetOptions> = async (cli, [runId = '', pairs = []], { reason }): Promise<ExitCode> => {
  const values: Record<string, unknown> = {};
  for (const [key, text] of keyValues('set', typeof pairs === 'string' ? [pairs] : pairs))
    values[key] = await valueOf(key, text, cli.environment.cwd);
  const { api } = await cli.connect();
  const answer = await api.setVariables(runId, values, reason);
  cli.result(answer.raw, () => cli.line(`set ${Object.keys(values).join(', ')} of ${runId}`));
  return EXIT.ok;
};
