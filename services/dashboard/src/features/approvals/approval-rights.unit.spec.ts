import { describe, expect, it } from '@jest/globals';
import { approvalView, type ApprovalView } from '@tutti/rest-contract';
import { approversText, refusalFor } from './approval-rights.js';

function approval(more: Partial<ApprovalView> = {}): ApprovalView {
  return approvalView.parse({ id: 'a', ...more });
}

describe('who may decide', () => {
  it.each([
    [{}, 'Anyone may decide.'],
    [{ approvers: ['user:ann', 'user:bob'], quorum: 2 }, 'user:ann, user:bob may decide; 2 different people must approve.'],
    [{ barred: ['user:eve'] }, 'Anyone may decide, but not user:eve.'],
  ])('says of %j: %s', (more, text) => expect(approversText(approval(more))).toBe(text));

  it('lets anyone when nobody is named', () => expect(refusalFor(approval(), 'user:ann')).toBeNull());
  it('lets who is named', () => expect(refusalFor(approval({ approvers: ['user:ann'] }), 'user:ann')).toBeNull());
  it('refuses who is not', () => expect(refusalFor(approval({ approvers: ['user:bob'] }), 'user:ann')).toContain('not among'));
  it('refuses who is barred', () => expect(refusalFor(approval({ barred: ['user:ann'] }), 'user:ann')).toContain('may not'));
  it('refuses a second vote', () =>
    expect(refusalFor(approval({ approvedBy: ['user:ann'], quorum: 2 }), 'user:ann')).toContain('has approved'));
  it('leaves to the server what it cannot judge', () => expect(refusalFor(approval({ approvers: ['role:lead'] }), 'user:ann')).toBeNull());
});
