import { defineCommand, runArgument, type Args } from '../../command.js';
import type { AttemptView, TaskHistory } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import type { Column } from '../../terminal/table.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText, durationText } from '../../terminal/time-text.js';

export const listAttemptsCommand = defineCommand({
  name: 'attempts',
  short: ['attempts'],
  summary: 'tell the whole story of a task: every attempt with its worker, times and error',
  args: [runArgument, { name: '[task]', summary: 'a task; without it every task with an attempt that did not succeed' }],
  examples: ['tutti run attempts 0198…', 'tutti run attempts 0198… "review[3]"'],
  act: attempts,
});

async function attempts(cli: Cli, [runId = '', task]: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.listAttempts(runId, task);
  cli.result(answer.raw, () => {
    const { tasks } = answer.value;
    if (tasks.length === 0) cli.line(cli.style.dim('every attempt so far succeeded or is under way'));
    for (const [index, one] of tasks.entries()) {
      if (index > 0) cli.line();
      printHistory(cli, one);
    }
  });
  return EXIT.ok;
}

function printHistory(cli: Cli, { task, status, capability, scheduledAt, attempts: all }: TaskHistory): void {
  const { style } = cli;
  cli.line(
    `${style.bold(sanitizeText(task))}  ${style.dim(`${status}, needs ${sanitizeText(capability)}, scheduled ${agoText(scheduledAt, cli.now())}`)}`,
  );
  cli.table(all, attemptColumns(cli.now()), 'no agent has had it yet');
}

function attemptColumns(nowMs: number): readonly Column<AttemptView>[] {
  return [
    { title: '#', value: ({ attempt }) => String(attempt), align: 'right' },
    { title: 'OUTCOME', value: ({ outcome }) => outcome, paint: ({ outcome }) => (outcome === 'succeeded' ? 'green' : undefined) },
    { title: 'AGENT', value: ({ agent }) => agent, flexible: true },
    { title: 'WORKER', value: ({ worker }) => worker, flexible: true },
    { title: 'ASSIGNED', value: ({ assignedAt }) => agoText(assignedAt, nowMs) },
    { title: 'TOOK', value: (attempt) => tookText(attempt), align: 'right' },
    { title: 'ERROR', value: ({ error }) => (error === undefined ? '' : `${error.code}: ${error.message}`), flexible: true },
    { title: 'LATE RESULT', value: ({ lateResult }) => lateResult, wideOnly: true },
  ];
}

function tookText({ assignedAt, endedAt }: AttemptView): string {
  return assignedAt === undefined || endedAt === undefined ? '' : durationText(Date.parse(endedAt) - Date.parse(assignedAt));
}
