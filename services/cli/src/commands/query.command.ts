import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';

export const registerQuery: RegisterCommand = (program, act) => {
  const command = program
    .command('query')
    .description('ask a run what one of its workflow’s queries comes to; without a name, list them')
    .argument('<run>', 'id of the run, which may have ended')
    .argument('[name]', 'name of the query; "state" is always there');
  examples(act(command, query), 'tutti query 0198…', 'tutti query 0198… progress', 'tutti query 0198… state');
};

const query: Action<object> = async (cli, [runId = '', name]): Promise<ExitCode> => {
  const { api } = await cli.connect();
  if (name === undefined) {
    const answer = await api.listQueries(runId);
    cli.result(answer.raw, () =>
      cli.table(
        answer.value.queries,
        [
          { title: 'QUERY', value: (each) => each.name },
          { title: 'EXPRESSION', value: (each) => each.expression, flexible: true },
        ],
        'no queries',
      ),
    );
    return EXIT.ok;
  }
  const answer = await api.queryRun(runId, name);
  const { value } = answer.value;
  cli.result(answer.raw, () => cli.line(typeof value === 'string' ? value : JSON.stringify(value, null, 2)));
  return EXIT.ok;
};
