import type { Cli } from '../cli.js';
import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';
import { keyValues } from '../input/key-values.js';

interface RepairOptions {
  readonly input?: readonly string[];
  readonly reason?: string;
}

const gather = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export const registerRetry: RegisterCommand = (program, act) => {
  const command = program
    .command('retry')
    .description('go on with a run from the steps that failed; what was done stays done')
    .argument('<run>', 'id of the run')
    .option('--input <step=json>', 'input of a step this time; can be given several times', gather)
    .option('--reason <text>', 'recorded with it');
  examples(act(command, retry), 'tutti retry 0198…', `tutti retry 0198… --input 'charge={"card":"4242"}' --reason "new card"`);
};

export const registerReset: RegisterCommand = (program, act) => {
  const command = program
    .command('reset')
    .description('go back to a point of a run: the step and all that needs it are done anew')
    .argument('<run>', 'id of the run')
    .argument('<step...>', 'ids of the steps')
    .option('--input <step=json>', 'input of a step this time; can be given several times', gather)
    .option('--reason <text>', 'recorded with it');
  examples(act(command, reset), 'tutti reset 0198… draft --reason "better sources"');
};

export const registerSkip: RegisterCommand = (program, act) => {
  const command = program
    .command('skip')
    .description('take a step of a run for done, with an output')
    .argument('<run>', 'id of the run')
    .argument('<step>', 'id of the step')
    .argument('[output]', 'JSON; null when left out')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, skip), 'tutti skip 0198… charge', `tutti skip 0198… charge '{"paid":true}' --reason "paid by hand"`);
};

const retry: Action<RepairOptions> = async (cli, [run = ''], options) => repair(cli, run, 'retry', { inputs: inputsOf(options) }, options);

const reset: Action<RepairOptions> = async (cli, [run = '', ...steps], options) =>
  repair(cli, run, 'reset', { steps: steps.flat(), inputs: inputsOf(options) }, options);

const skip: Action<RepairOptions> = async (cli, [run = '', step = '', output], options) =>
  repair(
    cli,
    run,
    `steps/${encodeURIComponent(step)}/skip`,
    { output: output === undefined ? null : parseJson('output', output) },
    options,
  );

async function repair(cli: Cli, run: string, how: string, body: object, { reason }: RepairOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.repairRun(run, how, reason === undefined ? body : { ...body, reason }, cli.environment.runtime.ids.next());
  const { steps } = answer.value;
  const again = steps.length === 0 ? 'nothing is done anew' : `done anew: ${steps.join(', ')}`;
  cli.result(answer.raw, () => cli.line(`run ${run} goes on (${again}): tutti watch ${run}`));
  return EXIT.ok;
}

function inputsOf({ input = [] }: RepairOptions): Record<string, unknown> {
  return Object.fromEntries([...keyValues('--input', input)].map(([step, json]) => [step, parseJson(`--input ${step}`, json)]));
}

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageFailure(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, `found ${text}`);
  }
}
