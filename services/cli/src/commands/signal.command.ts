import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { valueOf } from '../input/value-text.js';

interface SignalOptions {
  readonly id?: string;
}

export const registerSignal: RegisterCommand = (program, act) => {
  const command = program
    .command('signal')
    .description('send a signal to a run; the step that waits for it goes on')
    .argument('<run>', 'id of the run')
    .argument('<name>', 'name of the signal')
    .argument('[payload]', 'what it carries: text, @file for a file’s text, or :json for any value')
    .option('--id <id>', 'the same id is received once');
  examples(act(command, signal), 'tutti signal 0198… paid', `tutti signal 0198… paid ':{"amount":12}'`, 'tutti signal 0198… note @note.md');
};

const signal: Action<SignalOptions> = async (cli, [runId = '', name = '', payload], { id }): Promise<ExitCode> => {
  const value = payload === undefined ? null : await valueOf('payload', payload, cli.environment.cwd);
  const { api } = await cli.connect();
  // Always one, so that a signal whose answer got lost can be sent again.
  const answer = await api.signalRun(runId, name, value, id ?? cli.environment.runtime.ids.next());
  const { created } = answer.value;
  cli.result(answer.raw, () => cli.line(created ? `sent ${name} to ${runId}` : `${runId} had received this ${name} before`));
  return EXIT.ok;
};
