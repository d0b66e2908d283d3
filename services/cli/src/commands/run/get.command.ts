import { defineCommand, runArgument, type Args } from '../../command.js';
import type { ChildRun, RunView, StepView } from '@tutti/rest-contract';
import { approvalPlace } from '../../api/approval-place.js';
import type { Cli, Connected } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure, Failure } from '../../failure/failure.js';
import type { Column } from '../../terminal/table.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';
import { collectRun, printReport, reportJson } from '../../watching/report-run.js';
import { RUN_PAINT, tookText } from './list.command.js';

interface ShowOptions {
  readonly tasks?: boolean;
  readonly out?: string;
}

export const getRunCommand = defineCommand<ShowOptions>({
  name: 'get',
  aliases: ['show', 'describe'],
  short: ['show'],
  summary: 'show a run: its steps, outputs and what it waits for',
  args: [runArgument],
  flags: [
    { flags: '--tasks', summary: 'with the tasks and their attempts' },
    { flags: '--out <dir>', summary: 'write the documents among the outputs there', values: 'folder' },
  ],
  names: 'the id of the run',
  examples: ['tutti run get 0198…', 'tutti run get 0198… --tasks --wide', 'tutti run get 0198… --out ./result'],
  act: show,
});

async function show(cli: Cli, [runId = '']: Args, options: ShowOptions): Promise<ExitCode> {
  const connected = await cli.connect();
  const report = await collectRun(cli, connected, runId, { out: options.out });
  const { run } = report.answer.value;
  if (options.out !== undefined && report.documents.all.length === 0) {
    throw new Failure('OUTPUT_REFUSED', `run ${runId} has no documents among its outputs (${run.status})`, { exitCode: EXIT.notFound });
  }
  const tasks = options.tasks === true ? await connected.api.listTasks(runId, {}) : null;
  if (cli.format !== 'table') {
    cli.result({ ...reportJson(report), ...(tasks?.raw as object | undefined) }, () => {}, [runId]);
    return EXIT.ok;
  }
  printHead(cli, run);
  cli.line();
  cli.table(run.steps, stepColumns(cli.now()), 'no steps');
  const children = run.steps.flatMap((step) => step.children);
  if (children.length > 0) {
    cli.line();
    cli.table(children, childColumns(cli.now()), '');
  }
  if (tasks !== null) {
    cli.line();
    cli.table(
      tasks.value,
      [
        { title: 'TASK', value: (task) => task.id, flexible: true },
        { title: 'STATUS', value: (task) => task.status },
        { title: 'ATTEMPT', value: (task) => String(task.attempt), align: 'right' },
        { title: 'AGENT', value: (task) => task.agent, flexible: true },
        { title: 'WORKER', value: (task) => task.worker, flexible: true, wideOnly: true },
        { title: 'CAPABILITY', value: (task) => task.capability || awaitedText(task.awaited), flexible: true },
        { title: 'ERROR', value: (task) => task.error?.message ?? '', flexible: true },
      ],
      'no tasks yet',
    );
  }
  cli.line();
  if (run.status === 'running' || run.status === 'paused') await printWaiting(cli, connected, run.id);
  else printReport(cli, report);
  return EXIT.ok;
}

function printHead(cli: Cli, run: RunView): void {
  const { style } = cli;
  cli.line(`${style.bold(`${sanitizeText(run.workflow)} v${run.workflowVersion}`)}  ${style.dim(run.id)}`);
  cli.line(
    `${run.status}, started ${agoText(run.startedAt, cli.now())} by ${sanitizeText(run.startedBy)}, took ${tookText(run, cli.now())}`,
  );
  if (run.pause !== undefined)
    cli.line(
      style.yellow(
        `paused ${agoText(run.pause.pausedAt, cli.now())} by ${sanitizeText(run.pause.pausedBy)}${run.pause.reason === '' ? '' : `: ${sanitizeText(run.pause.reason)}`}`,
      ),
    );
  if (run.parent !== undefined) cli.line(style.dim(`does ${sanitizeText(run.parent.task)} of run ${run.parent.runId}`));
  const labels = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
  if (labels.length > 0) cli.line(style.dim(sanitizeText(labels.join(' '))));
}

async function printWaiting(cli: Cli, { api }: Connected, runId: string): Promise<void> {
  const approvals = await api.listApprovals({ runId, status: 'pending' }).catch((error: unknown) => {
    if (isFailure(error)) return { value: [] };
    throw error;
  });
  for (const approval of approvals.value) {
    const place = approval.runId === runId ? '' : cli.style.dim(`  ${approvalPlace(approval, runId)}`);
    cli.line(`${cli.style.yellow('?')} ${sanitizeText(approval.title)}: tutti approve ${approval.id}${place}`);
  }
  cli.line(cli.style.dim(`watch it: tutti watch ${runId}`));
}

/** What work that no agent does waits for; empty for other work. */
function awaitedText(awaited: StepView['awaited']): string {
  if (awaited === undefined) return '';
  const { kind, what, until } = awaited;
  return `${kind === 'timer' ? 'sleeps' : `waits for ${kind} ${what}`}${until === undefined ? '' : ` until ${until}`}`;
}

function childColumns(nowMs: number): readonly Column<ChildRun>[] {
  return [
    { title: 'CHILD RUN', value: (child) => child.runId },
    { title: 'DOES', value: (child) => child.task, flexible: true },
    { title: 'WORKFLOW', value: (child) => `${child.workflow}${child.block === '' ? '' : ` ${child.block}`}`, flexible: true },
    {
      title: 'STATUS',
      value: (child) => (child.status === 'unspecified' ? 'starting' : child.status),
      paint: (child) => RUN_PAINT[child.status],
    },
    { title: 'TOOK', value: (child) => tookText(child, nowMs), align: 'right' },
  ];
}

function stepColumns(nowMs: number): readonly Column<StepView>[] {
  return [
    { title: 'STEP', value: (step) => step.id, flexible: true },
    {
      title: 'STATUS',
      value: (step) => step.status,
      paint: (step) => (step.status === 'succeeded' ? 'green' : step.status === 'failed' ? 'red' : undefined),
    },
    { title: 'AGENT', value: (step) => step.agent, flexible: true },
    { title: 'TASKS', value: (step) => (step.tasks > 1 ? `${step.tasksSucceeded + step.tasksFailed}/${step.tasks}` : ''), align: 'right' },
    { title: 'ATTEMPTS', value: (step) => (step.attempts > 0 ? String(step.attempts) : ''), align: 'right' },
    { title: 'TOOK', value: (step) => tookText(step, nowMs), align: 'right' },
    { title: 'GATES', value: (step) => step.gates.map(({ gate, passed }) => `${passed ? '✓' : '✗'} ${gate}`).join(' '), flexible: true },
    { title: 'NOTE', value: (step) => step.error?.message ?? (awaitedText(step.awaited) || step.skipReason), flexible: true },
    { title: 'NEEDS', value: (step) => step.needs.join(' '), flexible: true, wideOnly: true },
  ];
}
