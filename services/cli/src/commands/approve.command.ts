import type { ApprovalView } from '../api/api-schemas.js';
import type { Cli, Connected } from '../cli.js';
import { examples, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { Failure, isFailure, usageFailure } from '../failure/failure.js';
import { paintLine } from '../terminal/line.js';
import { approvalPreview, checkPayloadHash } from '../watching/approval-preview.js';
import { approvalColumns } from './approvals.command.js';

interface DecideOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

const PREVIEW_LINES = 20;

export const registerApprove: RegisterCommand = (program, act) => {
  for (const approve of [true, false]) {
    const name = approve ? 'approve' : 'reject';
    const command = program
      .command(name)
      .description(`${name} what a run waits for; shows it and asks first`)
      .argument('<approval|run>', 'id of the approval, or of a run that waits for one only')
      .option('-y, --yes', 'do not ask')
      .option('--reason <text>', 'recorded with the decision');
    examples(act(command, decide(approve)), `tutti ${name} 0198…`, `tutti ${name} 0198… --yes --reason "seen by the board"`);
  }
};

function decide(approve: boolean): Action<DecideOptions> {
  return async (cli, [id = ''], options): Promise<ExitCode> => {
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
    cli.result(decision.raw, () => cli.line(`${decided} ${approval.id}; ${next}`));
    return EXIT.ok;
  };
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
