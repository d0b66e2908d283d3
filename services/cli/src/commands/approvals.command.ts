import { Option } from 'commander';
import type { ApprovalView } from '../api/api-schemas.js';
import { approvalPlace } from '../api/approval-place.js';
import { examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { readableText } from '../output/output-format.js';
import type { Column } from '../terminal/table.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface ApprovalsOptions {
  readonly run?: string;
  readonly status: string;
  readonly limit: number;
}

export const registerApprovals: RegisterCommand = (program, act) => {
  const command = program
    .command('approvals')
    .description('list what waits for a person, oldest first')
    .option('--run <run>', 'only of this run and the child runs below it')
    .addOption(
      new Option('--status <status>', 'those with this status')
        .choices(['pending', 'approved', 'rejected', 'voided', 'expired', 'all'])
        .default('pending'),
    )
    .option('--limit <n>', 'at most so many', wholeNumber(1, 100_000), 50);
  examples(act(command, approvals), 'tutti approvals', 'tutti approvals --status all --run 0198…', 'tutti approvals show 0198…');
  examples(
    act(command.command('show').description('show one with its whole payload').argument('<approval>', 'id of the approval'), showApproval),
    'tutti approvals show 0198…',
  );
};

export const registerDelegate: RegisterCommand = (program, act) => {
  const command = program
    .command('delegate')
    .description('give your decision on an approval to somebody else')
    .argument('<approval>', 'id of the approval')
    .argument('<to>', 'who is to decide, like user:bob')
    .option('--reason <text>', 'recorded with it');
  examples(act(command, delegate), 'tutti delegate 0198… user:bob --reason "on leave"');
};

const delegate: Action<{ readonly reason?: string }> = async (cli, [id = '', to = ''], { reason }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.delegateApproval(id, to, reason);
  cli.result(answer.raw, () => cli.line(`${to} decides ${id} now`));
  return EXIT.ok;
};

const approvals: Action<ApprovalsOptions> = async (cli, _args, { run, status, limit }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.listApprovals({ ...(run === undefined ? {} : { runId: run }), ...(status === 'all' ? {} : { status }) }, limit);
  cli.result(answer.raw, () =>
    cli.table(answer.value, approvalColumns(cli.now()), status === 'pending' ? 'nothing waits for approval' : 'no approvals'),
  );
  return EXIT.ok;
};

const showApproval: Action<object> = async (cli, [id = '']): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.getApproval(id);
  const { approval } = answer.value;
  cli.result(answer.raw, () => {
    const { style } = cli;
    cli.line(style.bold(sanitizeText(approval.title)));
    cli.line(
      `${approval.status}, asked ${agoText(approval.requestedAt, cli.now())} by ${sanitizeText(approval.workflow)} step ${approvalPlace(approval)} gate ${sanitizeText(approval.gate)}`,
    );
    if (approval.approvers.length > 0) cli.line(`for ${approval.approvers.map(sanitizeText).join(', ')} to decide`);
    if (approval.quorum > 1)
      cli.line(`${approval.approvedBy.length} of ${approval.quorum} have approved: ${approval.approvedBy.map(sanitizeText).join(', ')}`);
    if (approval.status === 'pending' && approval.expiresAt !== undefined) cli.line(`to be decided by ${approval.expiresAt}`);
    if (approval.decidedBy !== '')
      cli.line(
        `${approval.status} by ${sanitizeText(approval.decidedBy)} ${agoText(approval.decidedAt, cli.now())}${approval.reason === '' ? '' : `: ${sanitizeText(approval.reason)}`}`,
      );
    cli.line(style.dim(`run ${approval.runId}`));
    if (approval.path.length > 1) cli.line(style.dim(`asked below run ${approval.rootRunId}`));
    cli.line(style.dim(`sha256 ${approval.payloadHash}`));
    cli.line();
    for (const line of sanitizeLines(readableText(approval.payload))) cli.line(line);
  });
  return EXIT.ok;
};

export function approvalColumns(nowMs: number): readonly Column<ApprovalView>[] {
  return [
    { title: 'APPROVAL', value: (approval) => approval.id },
    { title: 'STATUS', value: (approval) => approval.status, paint: (approval) => (approval.status === 'pending' ? 'yellow' : undefined) },
    { title: 'TITLE', value: (approval) => approval.title, flexible: true },
    { title: 'STEP', value: (approval) => approvalPlace(approval), flexible: true },
    { title: 'ASKED', value: (approval) => agoText(approval.requestedAt, nowMs) },
    { title: 'DECIDED BY', value: (approval) => approval.decidedBy, flexible: true, wideOnly: true },
    { title: 'WORKFLOW', value: (approval) => approval.workflow, flexible: true, wideOnly: true },
    { title: 'ROOT RUN', value: (approval) => approval.rootRunId || approval.runId, wideOnly: true },
  ];
}
