import type { RunEvent } from '@tutti/contracts';

/** What happened where a run took a turn: handlers, compensation, gates that take time, people that decide together, repairs, other versions. Null for anything else. */
export function turnText(event: RunEvent): string | null {
  switch (event.type) {
    case 'StepCaught':
      return `step ${event.data.step} failed: ${event.data.error.message} (${event.data.error.code}); its handler ${event.data.handler + 1} takes over`;
    case 'CompensationStarted': {
      const { outcome, error, steps } = event.data;
      const why = outcome === 'cancelled' ? `is to be cancelled${after(error.message)}` : `fails: ${error.message} (${error.code})`;
      return `run ${why}; undoing ${steps.map(undone).join(', ')}`;
    }
    case 'CompensationEnded': {
      const { compensated, failed } = event.data;
      const left = failed.length === 0 ? '' : `; left for a person to undo: ${failed.join(', ')}`;
      return `undone: ${compensated.length === 0 ? 'nothing' : compensated.join(', ')}${left}`;
    }
    case 'FailureHandlerStarted':
      return `run fails: ${event.data.error.message} (${event.data.error.code}); its failure handler runs`;
    case 'GateStarted':
      return `gate ${event.data.gate} of ${event.data.step} is at work`;
    case 'ApprovalVoted':
      return `approval ${event.data.approvalId}: ${event.data.votedBy} approves${after(event.data.reason)}`;
    case 'ApprovalDelegated':
      return `approval ${event.data.approvalId}: ${event.data.to} decides instead of ${event.data.from}${after(event.data.reason)}`;
    case 'ApprovalEscalated':
      return `approval ${event.data.approvalId} is not decided; ${event.data.to.join(', ')} may decide, too`;
    case 'ApprovalExpired':
      return `approval ${event.data.approvalId} expired`;
    case 'RunRepaired': {
      const { steps, outputs, repairedBy, reason } = event.data;
      const again = steps.length === 0 ? '' : `; done anew: ${steps.join(', ')}`;
      const byHand = Object.keys(outputs).length === 0 ? '' : `; taken for done: ${Object.keys(outputs).join(', ')}`;
      return `run repaired by ${repairedBy}${after(reason)}${again}${byHand}`;
    }
    case 'RunMigrated': {
      const { fromVersion, toVersion, migratedBy, reason } = event.data;
      return `run goes on by v${toVersion} instead of v${fromVersion}: ${migratedBy}${after(reason)}`;
    }
    default:
      return null;
  }
}

function undone(inner: string): string {
  return inner.slice('undo:'.length);
}

function after(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}
