import { defineCommand, runArgument, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { valueOf } from '../../input/value-text.js';

interface SignalOptions {
  readonly id?: string;
}

export const signalRunCommand = defineCommand<SignalOptions>({
  name: 'signal',
  short: ['signal'],
  summary: 'send a signal to a run; the step that waits for it goes on',
  args: [
    runArgument,
    { name: '<name>', summary: 'name of the signal' },
    { name: '[payload]', summary: 'what it carries: text, @file for a file’s text, or :json for any value' },
  ],
  flags: [{ flags: '--id <id>', summary: 'the same id is received once' }],
  names: 'the id of the signal',
  examples: ['tutti run signal 0198… paid', `tutti run signal 0198… paid ':{"amount":12}'`, 'tutti run signal 0198… note @note.md'],
  act: signal,
});

async function signal(cli: Cli, [runId = '', name = '', payload]: Args, { id }: SignalOptions): Promise<ExitCode> {
  const value = payload === undefined ? null : await valueOf('payload', payload, cli.environment.cwd);
  const { api } = await cli.connect();
  // Always one, so that a signal whose answer got lost can be sent again.
  const answer = await api.signalRun(runId, name, value, id ?? cli.environment.runtime.ids.next());
  const { created } = answer.value;
  cli.result(answer.raw, () => cli.line(created ? `sent ${name} to ${runId}` : `${runId} had received this ${name} before`), [
    answer.value.signalId,
  ]);
  return EXIT.ok;
}
