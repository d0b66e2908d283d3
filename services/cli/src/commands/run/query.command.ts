import { defineCommand, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';

export const queryRunCommand = defineCommand({
  name: 'query',
  short: ['query'],
  summary: 'ask a run what one of its workflow’s queries comes to; without a name, list them',
  args: [
    { name: '<run>', summary: 'id of the run, which may have ended', values: 'run' },
    { name: '[name]', summary: 'name of the query; "state" is always there' },
  ],
  examples: ['tutti run query 0198…', 'tutti run query 0198… progress', 'tutti run query 0198… state'],
  act: query,
});

async function query(cli: Cli, [runId = '', name]: Args): Promise<ExitCode> {
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
}
