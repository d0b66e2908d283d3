import { collect, defineCommand, reasonFlag, runArgument, type Flag } from '../../command.js';
import type { Answer, Api } from '../../api/api.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { usageFailure } from '../../failure/failure.js';
import { keyValues } from '../../input/key-values.js';

interface RepairOptions {
  readonly input?: readonly string[];
  readonly reason?: string;
}

const inputFlag: Flag = { flags: '--input <step=json>', summary: 'input of a step this time; can be given several times', parse: collect };

export const retryRunCommand = defineCommand<RepairOptions>({
  name: 'retry',
  short: ['retry'],
  summary: 'go on with a run from the steps that failed; what was done stays done',
  args: [runArgument],
  flags: [inputFlag, reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run retry 0198…', `tutti run retry 0198… --input 'charge={"card":"4242"}' --reason "new card"`],
  act: (cli, [run = ''], options) =>
    repair(cli, run, options, { inputs: inputsOf(options) }, (api, body, id) => api.retryRun(run, body, id)),
});

export const resetRunCommand = defineCommand<RepairOptions>({
  name: 'reset',
  short: ['reset'],
  summary: 'go back to a point of a run: the step and all that needs it are done anew',
  args: [runArgument, { name: '<step...>', summary: 'ids of the steps' }],
  flags: [inputFlag, reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run reset 0198… draft --reason "better sources"'],
  act: (cli, [run = '', ...steps], options) =>
    repair(cli, run, options, { steps, inputs: inputsOf(options) }, (api, body, id) => api.resetRun(run, body, id)),
});

export const skipStepCommand = defineCommand<RepairOptions>({
  name: 'skip',
  short: ['skip'],
  summary: 'take a step of a run for done, with an output',
  args: [runArgument, { name: '<step>', summary: 'id of the step' }, { name: '[output]', summary: 'JSON; null when left out' }],
  flags: [reasonFlag],
  names: 'the id of the run',
  examples: ['tutti run skip 0198… charge', `tutti run skip 0198… charge '{"paid":true}' --reason "paid by hand"`],
  act: (cli, [run = '', step = '', output], options) =>
    repair(cli, run, options, { output: output === undefined ? null : parseJson('output', output) }, (api, body, id) =>
      api.skipStep(run, step, body, id),
    ),
});

type Repair = (api: Api, body: object, repairId: string) => Promise<Answer<{ readonly steps: readonly string[] }>>;

async function repair(cli: Cli, run: string, { reason }: RepairOptions, body: object, send: Repair): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await send(api, reason === undefined ? body : { ...body, reason }, cli.environment.runtime.ids.next());
  const { steps } = answer.value;
  const again = steps.length === 0 ? 'nothing is done anew' : `done anew: ${steps.join(', ')}`;
  cli.result(answer.raw, () => cli.line(`run ${run} goes on (${again}): tutti watch ${run}`), [run]);
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
