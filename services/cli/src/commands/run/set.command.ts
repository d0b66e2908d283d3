import { defineCommand, reasonFlag, runArgument, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { keyValues } from '../../input/key-values.js';
import { valueOf } from '../../input/value-text.js';

interface SetOptions {
  readonly reason?: string;
}

export const setVariablesCommand = defineCommand<SetOptions>({
  name: 'set',
  short: ['set'],
  summary: 'set variables of a run; what is evaluated from then on sees them',
  args: [runArgument, { name: '<key=value...>', summary: 'text, @file for a file’s text, or :json for any value' }],
  flags: [reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run set 0198… budget=:50 owner=ann --reason "more is needed"'],
  act: set,
});

async function set(cli: Cli, [runId = '', ...pairs]: Args, { reason }: SetOptions): Promise<ExitCode> {
  const values: Record<string, unknown> = {};
  for (const [key, text] of keyValues(
    'set',
    pairs.filter((pair) => pair !== undefined),
  ))
    values[key] = await valueOf(key, text, cli.environment.cwd);
  const { api } = await cli.connect();
  const answer = await api.setVariables(runId, values, reason);
  cli.result(answer.raw, () => cli.line(`set ${Object.keys(values).join(', ')} of ${runId}`), [runId]);
  return EXIT.ok;
}
