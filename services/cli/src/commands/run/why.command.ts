import { defineCommand, runArgument, type Args } from '../../command.js';
import type { Explanation } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

export const explainRunCommand = defineCommand({
  name: 'why',
  short: ['why'],
  summary: 'say why a task went to its agent, or why it still waits',
  args: [runArgument, { name: '[task|step]', summary: 'a task or step; every step without it' }],
  examples: ['tutti run why 0198…', 'tutti run why 0198… review', 'tutti run why 0198… "review[3]"'],
  act: why,
});

async function why(cli: Cli, [runId = '', task]: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.explain(runId, task);
  cli.result(answer.raw, () => {
    if (answer.value.explanations.length === 0) cli.line(cli.style.dim('no task was scheduled yet'));
    for (const [index, one] of answer.value.explanations.entries()) {
      if (index > 0) cli.line();
      printExplanation(cli, one);
    }
  });
  return EXIT.ok;
}

function printExplanation(cli: Cli, one: Explanation): void {
  const { style } = cli;
  const decided = one.decidedAt === undefined ? '' : `, decided ${agoText(one.decidedAt, cli.now())}`;
  cli.line(
    `${style.bold(sanitizeText(one.task || one.step))}  ${style.dim(`${one.status}${one.attempt > 0 ? `, attempt ${one.attempt}` : ''}${one.capability === '' ? '' : `, needs ${sanitizeText(one.capability)}`}${decided}`)}`,
  );
  cli.line(sanitizeText(one.summary));
  if (one.candidates.length === 0) return;
  cli.table(
    one.candidates,
    [
      { title: '', value: ({ agent, worker }) => (agent === one.agent && worker === one.worker ? '→' : ' ') },
      { title: 'AGENT', value: ({ agent }) => agent, paint: ({ eligible }) => (eligible ? undefined : 'dim'), flexible: true },
      { title: 'WORKER', value: ({ worker }) => worker, flexible: true },
      { title: 'LOAD', value: ({ load, capacity }) => `${load}/${capacity}`, align: 'right' },
      { title: 'SCORE', value: ({ score }) => (score === undefined ? '-' : score.toFixed(3)), align: 'right' },
      { title: 'REASON', value: ({ reason }) => reason, flexible: true },
    ],
    '',
  );
}
