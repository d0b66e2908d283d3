import { defineCommand, type Args, type CommandDefinition } from '../../command.js';
import type { ApprovalView } from '@tutti/rest-contract';
import type { Cli, Connected } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { Failure, isFailure, usageFailure } from '../../failure/failure.js';
import { paintLine } from '../../terminal/line.js';
import { approvalPreview, checkPayloadHash } from '../../watching/approval-preview.js';
import { approvalColumns } from './approval.command.js';

interface DecideOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

export const approveCommand = decideCommand(true);
export const rejectCommand = decideCommand(false);

function decideCommand(approve: boolean): CommandDefinition {
  const name = approve ? 'approve' : 'reject';
  return defineCommand<DecideOptions>({
    name,
    short: [name],
    summary: `${name} what a run waits for; shows it and asks first`,
    args: [{ name: '<approval|run>', summary: 'id of the approval, or of a run that waits for one only', values: 'approval' }],
    flags: [
      { flags: '-y, --yes', summary: 'do not ask' },
      { flags: '--reason <text>', summary: 'recorded with the decision' },
    ],
    names: 'the id of the approval',
    examples: [`tutti approval ${name} 0198…`, `tutti ${name} 0198… --yes --reason "seen by the board"`],
    act: (cli, args, options) => decide(approve, cli, args, options),
  });
}

const PREVIEW_LINES = 20;

async function decide(approve: boolean, cli: Cli, [id = '']: Args, options: DecideOptions): Promise<ExitCode> {
  const connected = await cli.connect();
  const approval = await findApproval(cli, connected, id, approve);
  checkPayloadHash(approval);
  // On standard error when the result is for a program.
  const show = (text: string): void => (cli.format === 'table' ? cli.line(text) : cli.say(text));
  const width = cli.environment.stdout.isTty ? cli.environment.stdout.columns() : Number.MAX_SAFE_INTEGER;
  for (const line of approvalPreview(approval, PREVIEW_LINES))
    show(paintLine(line, width, cli.format === 'table' ? cli.style : cli.errorStyle));
  if (options.yes !== true && !(await confirmed(cli, approve))) {
    cli.say('nothing was decided');
    return EXIT.interrupted;
  }
  const decision = await connected.api.decideApproval(approval.id, approve, approval.payloadHash, options.reason);
  const missing = approve ? approval.quorum - approval.approvedBy.length - 1 : 0;
  const next = missing > 0 ? `${missing} more must approve it` : `the run goes on: tutti watch ${approval.rootRunId || approval.runId}`;
  const decided = approve ? cli.style.green('approved') : cli.style.yellow('rejected');
  cli.result(decision.raw, () => cli.line(`${decided} ${approval.id}; ${next}`), [approval.id]);
  return EXIT.ok;
}

async function confirmed(cli: Cli, approve: boolean): Promise<boolean> {
  const { keyboard, interrupts } = cli.environment;
  if (!keyboard.isTty) throw usageFailure('there is no terminal to ask on', 'add --yes to decide without being asked');
  const stopped = new Promise<null>((resolve) => interrupts.onInterrupt(() => resolve(null)));
  const answer = await Promise.race([keyboard.ask(`${approve ? 'Approve' : 'Reject'} this? [y/N] `), stopped]);
  return /^(y|yes)$/i.test(answer?.trim() ?? '');
}

/** The approval of that id, or the only one that the run of that id waits for. */
async function findApproval(cli: Cli, { api }: Connected, id: string, approve: boolean): Promise<ApprovalView> {
  try {
    return (await api.getApproval(id)).value.approval;
  } catch (error) {
    if (!isFailure(error, 'APPROVAL_NOT_FOUND')) throw error;
    const pending = (await api.listApprovals({ runId: id, status: 'pending' })).value;
    const [only] = pending;
    if (only === undefined) throw await nothingWaits(api, id, error);
    if (pending.length === 1) return (await api.getApproval(only.id)).value.approval;
    if (cli.format === 'table') cli.table(pending, approvalColumns(cli.now()), '');
    throw usageFailure(
      `run ${id} waits for ${pending.length} approvals${cli.format === 'table' ? '' : `: ${pending.map((one) => one.id).join(', ')}`}`,
      `name one: tutti ${approve ? 'approve' : 'reject'} ${only.id}`,
    );
  }
}

/** A run that waits for nothing is another matter than an id that nobody knows. */
async function nothingWaits(api: Connected['api'], id: string, notFound: Failure): Promise<Failure> {
  try {
    const { run } = (await api.getRun(id)).value;
    return new Failure('APPROVAL_NOT_FOUND', `run ${id} (${run.status}) waits for no approval`, {
      exitCode: EXIT.conflict,
      hint: `\`tutti show ${id}\` shows where it stands`,
    });
  } catch (error) {
    return isFailure(error, 'RUN_NOT_FOUND') ? notFound : (error as Failure);
  }
}
