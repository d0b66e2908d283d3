import type { Cancel } from '@tutti/kernel';
import type { Api } from '../api/api.js';
import type { ApprovalView } from '@tutti/rest-contract';
import type { Keyboard } from '../environment.port.js';
import { toFailure } from '../failure/failure.js';
import type { RunViewState } from '../run-view/run-view.state.js';
import { segment, type Line } from '../terminal/line.js';
import { sanitizeText } from '../terminal/text-width.js';
import { approvalPreview, checkPayloadHash } from './approval-preview.js';

interface InlineApprovals {
  /** Looks whether something waits, after each change of the run. */
  update(state: RunViewState): void;
  /** Ids that nobody needs to be told about: the one that is asked about, and what was decided here. */
  handled(): ReadonlySet<string>;
  lines(previewLines: number): readonly Line[];
  close(): void;
}

interface InlineApprovalsDeps {
  readonly api: Pick<Api, 'getApproval' | 'decideApproval'>;
  readonly keyboard: Keyboard;
  readonly redraw: () => void;
}

type Asking =
  | { readonly stage: 'loading'; readonly id: string }
  | { readonly stage: 'asking'; readonly id: string; readonly approval: ApprovalView }
  | { readonly stage: 'sending'; readonly id: string; readonly approval: ApprovalView; readonly approve: boolean };

/**
 * Asks about a run's waiting approvals, the oldest first, one key each. A key counts only while the payload stands on the screen. What is
 * skipped, or could not be decided, is not asked about again.
 */
export function createInlineApprovals({ api, keyboard, redraw }: InlineApprovalsDeps): InlineApprovals {
  const passed = new Set<string>();
  const decided = new Set<string>();
  let asking: Asking | null = null;
  let message: string | null = null;
  let waiting: readonly string[] = [];
  let stopKeys: Cancel | null = null;

  const next = (): void => {
    const id = waiting.find((one) => !passed.has(one));
    if (id === asking?.id) return;
    asking = id === undefined ? null : { stage: 'loading', id };
    if (id === undefined) {
      stopKeys?.();
      stopKeys = null;
    } else {
      stopKeys ??= keyboard.onKey(onKey);
      void load(id);
    }
    redraw();
  };
  const pass = (id: string, note: string | null): void => {
    passed.add(id);
    message = note;
    next();
    redraw();
  };
  const load = async (id: string): Promise<void> => {
    try {
      const { approval } = (await api.getApproval(id)).value;
      checkPayloadHash(approval);
      if (asking?.id === id) asking = { stage: 'asking', id, approval };
      redraw();
    } catch (error) {
      pass(id, toFailure(error).message);
    }
  };
  const decide = async (id: string, approval: ApprovalView, approve: boolean): Promise<void> => {
    asking = { stage: 'sending', id, approval, approve };
    redraw();
    try {
      await api.decideApproval(id, approve, approval.payloadHash, undefined);
      decided.add(id);
      pass(id, null);
    } catch (error) {
      pass(id, toFailure(error).message);
    }
  };
  const onKey = (key: string): void => {
    if (asking?.stage !== 'asking') return;
    const { id, approval } = asking;
    if (key === 'y' || key === 'Y') void decide(id, approval, true);
    else if (key === 'n' || key === 'N') void decide(id, approval, false);
    else if (key === 's' || key === 'S') pass(id, null);
  };

  return {
    update(state) {
      waiting = [...state.approvals.keys(), ...state.approvalsBelow.map(({ id }) => id)];
      next();
    },
    handled: () => (asking === null ? decided : new Set([...decided, asking.id])),
    lines(previewLines) {
      const said: readonly Line[] = message === null ? [] : [[segment(`  ${sanitizeText(message)}`, 'red')]];
      if (asking === null || asking.stage === 'loading') return said;
      const answer: Line =
        asking.stage === 'sending'
          ? [segment(`    ${asking.approve ? 'approving' : 'rejecting'} …`, 'dim')]
          : [
              segment('    approve?  '),
              segment('y', 'bold'),
              segment(' yes   '),
              segment('n', 'bold'),
              segment(' no   '),
              segment('s', 'bold'),
              segment(' skip, decide later'),
            ];
      return [...said, ...approvalPreview(asking.approval, previewLines), answer];
    },
    close() {
      stopKeys?.();
      stopKeys = null;
      asking = null;
    },
  };
}
