import { defineCommand, reasonFlag, type Argument, type Args } from '../../command.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { Cli } from '../../cli.js';
import type { ApprovalView } from '@tutti/rest-contract';
import { approvalPlace } from '../../api/approval-place.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { readableText } from '../../output/output-format.js';
import type { Column } from '../../terminal/table.js';
import { sanitizeLines, sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface ApprovalsOptions extends ListOptions {
  readonly run?: string;
  readonly status: string;
}

const approvalArgument: Argument = { name: '<approval>', summary: 'id of the approval', values: 'approval' };

export const listApprovalsCommand = defineCommand<ApprovalsOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list what waits for a person, oldest first',
  flags: [
    { flags: '--run <run>', summary: 'only of this run and the child runs below it', values: 'run' },
    {
      flags: '--status <status>',
      summary: 'those with this status',
      choices: ['pending', 'approved', 'rejected', 'voided', 'expired', 'all'],
      default: 'pending',
    },
    ...listFlags(50),
  ],
  names: 'the ids of the approvals',
  examples: ['tutti approval list', 'tutti approval list --status all --run 0198…', 'tutti approval list --watch'],
  act: approvals,
});

export const getApprovalCommand = defineCommand({
  name: 'get',
  aliases: ['show', 'describe'],
  summary: 'show one with its whole payload',
  args: [approvalArgument],
  names: 'its id',
  examples: ['tutti approval get 0198…'],
  act: showApproval,
});

export const delegateApprovalCommand = defineCommand<{ readonly reason?: string }>({
  name: 'delegate',
  short: ['delegate'],
  summary: 'give your decision on an approval to somebody else',
  args: [approvalArgument, { name: '<to>', summary: 'who is to decide, like user:bob' }],
  flags: [reasonFlag],
  names: 'its id',
  examples: ['tutti approval delegate 0198… user:bob --reason "on leave"'],
  act: delegate,
});

async function delegate(cli: Cli, [id = '', to = '']: Args, { reason }: { readonly reason?: string }): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.delegateApproval(id, to, reason);
  cli.result(answer.raw, () => cli.line(`${to} decides ${id} now`), [id]);
  return EXIT.ok;
}

async function approvals(cli: Cli, _args: Args, options: ApprovalsOptions): Promise<ExitCode> {
  const { run, status } = options;
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listApprovals({ ...(run === undefined ? {} : { runId: run }), ...(status === 'all' ? {} : { status }) }, limit),
    name: ({ id }) => id,
    columns: approvalColumns,
    none: status === 'pending' ? 'nothing waits for approval' : 'no approvals',
  });
}

async function showApproval(cli: Cli, [id = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.getApproval(id);
  const { approval } = answer.value;
  cli.result(
    answer.raw,
    () => {
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
    },
    [approval.id],
  );
  return EXIT.ok;
}

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
