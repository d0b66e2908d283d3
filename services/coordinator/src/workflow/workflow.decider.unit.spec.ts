import { describe, expect, it } from '@jest/globals';
import type { WorkflowEvent } from '@tutti/contracts';
import { workflowDecider, type WorkflowCommand } from './workflow.decider.js';

const registered = (version: number): WorkflowEvent => ({
  type: 'WorkflowVersionRegistered',
  data: { name: 'wf', version, description: '', hash: String(version).repeat(64), definition: {}, source: '', registeredBy: 'user:a' },
});
const drained = (version: number): WorkflowEvent => ({
  type: 'WorkflowVersionDrained',
  data: { name: 'wf', version, reason: '', drainedBy: 'user:a' },
});
const by = { name: 'wf', actor: 'user:a', reason: 'why' } as const;

const given = (...events: readonly WorkflowEvent[]) => ({
  when: (command: WorkflowCommand): readonly WorkflowEvent[] =>
    workflowDecider.decide(command, events.reduce(workflowDecider.evolve, workflowDecider.initialState())),
});
const three = given(registered(1), registered(2), registered(3));

describe('the rollout of a workflow', () => {
  it('takes rules by labels and by share, and records them whole', () => {
    const rules = [
      { version: 3, labels: { team: 'x' } },
      { version: 2, share: 90 },
      { version: 3, share: 10 },
    ];
    expect(three.when({ type: 'ChangeRollout', ...by, rules })).toEqual([
      { type: 'WorkflowRolloutChanged', data: { name: 'wf', rules, changedBy: 'user:a', reason: 'why' } },
    ]);
  });

  it('does not change for rules that hold already, nor for none where there are none', () => {
    const rules = [{ share: 5, version: 2 }];
    const changed: WorkflowEvent = { type: 'WorkflowRolloutChanged', data: { name: 'wf', rules, changedBy: 'user:a', reason: '' } };
    expect(given(registered(1), registered(2), changed).when({ type: 'ChangeRollout', ...by, rules: [{ version: 2, share: 5 }] })).toEqual(
      [],
    );
    expect(three.when({ type: 'ChangeRollout', ...by, rules: [] })).toEqual([]);
  });

  it.each([
    ['a version that there is not', [{ version: 4, share: 1 }], 'WORKFLOW_NOT_FOUND', 'has no version 4; it has 1 to 3'],
    ['a rule without share and labels', [{ version: 1 }], 'INVALID_REQUEST', 'rule 1 of workflow "wf" has neither labels nor a share'],
    ['a rule with both', [{ version: 1, share: 1, labels: { a: 'b' } }], 'INVALID_REQUEST', 'both labels and a share'],
    [
      'shares over 100 together',
      [
        { version: 1, share: 60 },
        { version: 2, share: 50 },
      ],
      'INVALID_REQUEST',
      'come to 110 %',
    ],
  ])('refuses %s', (_, rules, code, message) => {
    const change = () => three.when({ type: 'ChangeRollout', ...by, rules });
    expect(change).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('refuses a drained version', () => {
    const change = () =>
      given(registered(1), registered(2), drained(1)).when({ type: 'ChangeRollout', ...by, rules: [{ version: 1, share: 1 }] });
    expect(change).toThrow(expect.objectContaining({ code: 'WORKFLOW_VERSION_DRAINED' }));
  });

  it('stays when a new version is registered', () => {
    const changed: WorkflowEvent = {
      type: 'WorkflowRolloutChanged',
      data: { name: 'wf', rules: [{ version: 1, share: 100 }], changedBy: 'user:a', reason: '' },
    };
    const state = [registered(1), changed, registered(2)].reduce(workflowDecider.evolve, workflowDecider.initialState());
    expect(state).toMatchObject({ version: 2, rules: [{ version: 1, share: 100 }] });
  });
});

describe('a version of a workflow', () => {
  it('is drained once and restored once', () => {
    const event = { name: 'wf', version: 2, reason: 'why' };
    expect(three.when({ type: 'DrainVersion', ...by, version: 2 })).toEqual([
      { type: 'WorkflowVersionDrained', data: { ...event, drainedBy: 'user:a' } },
    ]);
    const held = given(registered(1), registered(2), drained(2));
    expect(held.when({ type: 'DrainVersion', ...by, version: 2 })).toEqual([]);
    expect(held.when({ type: 'RestoreVersion', ...by, version: 2 })).toEqual([
      { type: 'WorkflowVersionRestored', data: { ...event, restoredBy: 'user:a' } },
    ]);
    expect(three.when({ type: 'RestoreVersion', ...by, version: 2 })).toEqual([]);
  });

  it.each([0, 4])('is not %i of three', (version) => {
    expect(() => three.when({ type: 'DrainVersion', ...by, version })).toThrow(expect.objectContaining({ code: 'WORKFLOW_NOT_FOUND' }));
  });

  it('is none of a workflow that was never registered', () => {
    expect(() => given().when({ type: 'ChangeRollout', ...by, rules: [] })).toThrow(
      expect.objectContaining({ code: 'WORKFLOW_NOT_FOUND', message: 'there is no workflow "wf"' }),
    );
  });
});
