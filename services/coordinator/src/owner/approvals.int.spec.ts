import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

const HOUR = 3_600_000;
type Data<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>['data'];

describe('an approval', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const AGENTS = [agent('worker', ['work']), agent('second', ['work']), agent('judge', ['judge'])];
  const start = async (gate: string, handler: Handler = ({ input }) => input ?? {}): Promise<void> => {
    engine = await startEngine(`name: wf\nsteps:\n  a: {capability: work, with: {x: 1}, gates: [{name: ok, ${gate}}]}\n`, handler, AGENTS);
    await engine.start('wf', {});
  };
  const requested = async (count = 1): Promise<Data<'ApprovalRequested'>> =>
    (await engine.until('ApprovalRequested', 'r1', count)).data as Data<'ApprovalRequested'>;
  const decide = async (actor: string, approved = true) => {
    const { approvalId, payloadHash } = await requested();
    return engine.owner.send('r1', { type: 'DecideApproval', approvalId, approved, payloadHash, actor, reason: '' });
  };
  const types = async (): Promise<readonly string[]> => (await engine.events()).map(({ type }) => type);

  describe('that several people must give', () => {
    const TWO = 'type: approval, title: Go?, approvers: [user:ann, user:bob, user:cid], quorum: 2';

    it('passes when so many different people have approved, and says who', async () => {
      await start(TWO);
      await decide('user:ann');
      expect((await decide('user:ann')).events).toEqual([]);
      expect(await types()).not.toContain('ApprovalDecided');
      await decide('user:cid');
      await engine.until('RunSucceeded');
      expect((await engine.until('GateEvaluated')).data).toMatchObject({ message: 'approved by user:ann, user:cid' });
      // A repeat of what counted answers as the first time.
      await engine.owner.peek('r1');
    });

    it('fails with one rejection', async () => {
      await start(TWO);
      await decide('user:ann');
      await decide('user:bob', false);
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'GATE_FAILED' } });
    });

    it('keeps the votes over a crash', async () => {
      await start(TWO);
      await decide('user:ann');
      await engine.crash();
      await engine.boot('w2', AGENTS);
      await engine.owner.recover('r1');
      await decide('user:bob');
      await engine.until('RunSucceeded');
    });
  });

  it('is refused to others than its approvers, and to who is kept apart', async () => {
    await start('type: approval, title: Go?, approvers: [user:ann, user:test], separateFrom: [starter]');
    await expect(decide('user:eve')).rejects.toMatchObject({
      code: 'NOT_AN_APPROVER',
      message: expect.stringContaining('it is for user:ann, user:test'),
    });
    await expect(decide('user:test')).rejects.toMatchObject({ code: 'NOT_AN_APPROVER', message: expect.stringContaining('kept apart') });
    await decide('user:ann');
    await engine.until('RunSucceeded');
  });

  it('fails its gate at once when too few are left who may decide', async () => {
    await start('type: approval, title: Go?, approvers: [user:test], separateFrom: [starter]');
    expect((await engine.until('RunFailed')).data).toMatchObject({
      error: {
        code: 'GATE_FAILED',
        message: expect.stringContaining('1 must approve, but only 0 of those who are asked may: user:test must not'),
      },
    });
  });

  it('is refused to who decided the gate that it is kept apart from', async () => {
    engine = await startEngine(
      `name: wf
steps:
  a: {capability: work, gates: [{name: first, type: approval, title: One}]}
  b: {needs: a, capability: work, gates: [{name: second, type: approval, title: Two, separateFrom: [a.first]}]}
`,
      () => ({}),
      AGENTS,
    );
    await engine.start('wf', {});
    await decide('user:ann');
    const { approvalId, payloadHash } = await requested(2);
    const second = (actor: string) =>
      engine.owner.send('r1', { type: 'DecideApproval', approvalId, approved: true, payloadHash, actor, reason: '' });
    await expect(second('user:ann')).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
    await second('user:bob');
    await engine.until('RunSucceeded');
  });

  it('can be given to somebody else by an approver', async () => {
    await start('type: approval, title: Go?, approvers: [user:ann]');
    const { approvalId } = await requested();
    const delegate = (actor: string) =>
      engine.owner.send('r1', { type: 'DelegateApproval', approvalId, to: 'user:bob', actor, reason: 'on leave' });
    await expect(delegate('user:eve')).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
    await delegate('user:ann');
    expect((await delegate('user:ann')).events).toEqual([]);
    await expect(decide('user:ann')).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
    await decide('user:bob');
    await engine.until('RunSucceeded');
  });

  it('is not given to anybody once it is decided', async () => {
    await start('type: approval, title: Go?, approvers: [user:ann]', ({ step }) => (step === 'a' ? {} : undefined));
    const { approvalId } = await requested();
    await decide('user:ann', false);
    const asked = { type: 'DelegateApproval', approvalId, to: 'user:bob', actor: 'user:ann', reason: '' } as const;
    await expect(engine.owner.send('r1', asked)).rejects.toMatchObject({ code: expect.stringMatching(/RUN_ENDED|APPROVAL_DECIDED/) });
    await engine.close();
    engine = await startEngine(
      'name: wf\nsteps: {a: {capability: work, gates: [{name: ok, type: approval, title: t, approvers: [user:ann]}]}, b: {sleep: 1h}}',
      () => ({}),
      AGENTS,
    );
    await engine.start('wf', {});
    const open = await requested();
    await decide('user:ann');
    await expect(engine.owner.send('r1', { ...asked, approvalId: open.approvalId })).rejects.toMatchObject({ code: 'APPROVAL_DECIDED' });
  });

  it('is not given to somebody who decides it anyway, when nobody else would be left to', async () => {
    await start('type: approval, title: Go?, approvers: [user:ann, user:bob], quorum: 2');
    await decide('user:bob');
    const { approvalId } = await requested();
    const delegate = (to: string) => engine.owner.send('r1', { type: 'DelegateApproval', approvalId, to, actor: 'user:ann', reason: '' });
    await expect(delegate('user:bob')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await delegate('user:cid');
    await decide('user:cid');
    await engine.until('RunSucceeded');
  });

  it('goes to others as well when it is not decided in time, level by level, and is rejected when it expires', async () => {
    await start(
      'type: approval, title: Go?, approvers: [user:ann], escalate: [{after: 1h, to: [user:lead]}, {after: 2h, to: [user:cto]}], expires: 3h',
    );
    await requested();
    await engine.runtime.advance(HOUR);
    expect((await engine.until('ApprovalEscalated')).data).toMatchObject({ to: ['user:lead'], level: 1 });
    await engine.runtime.advance(HOUR);
    expect((await engine.until('ApprovalEscalated', 'r1', 2)).data).toMatchObject({ to: ['user:cto'], level: 2 });
    await engine.runtime.advance(HOUR);
    await engine.until('ApprovalExpired');
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { message: expect.stringContaining('nobody decided by') } });
    await expect(decide('user:cto')).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  it('escalates and expires after a crash, however long it took', async () => {
    await start('type: approval, title: Go?, approvers: [user:ann], escalate: [{after: 1h, to: [user:lead]}], expires: 100h');
    await requested();
    await engine.crash();
    await engine.runtime.advance(5 * HOUR);
    await engine.boot('w2', AGENTS);
    await engine.owner.recover('r1');
    await engine.until('ApprovalEscalated');
    await decide('user:lead');
    await engine.until('RunSucceeded');
  });

  it('goes back with the feedback of its expiry when the gate says so', async () => {
    await start('type: approval, title: Go?, expires: 1h, onFail: {action: retry}');
    await requested();
    await engine.runtime.advance(HOUR);
    expect(await requested(2)).toMatchObject({ approvalId: 'r1.a.ok.2' });
    expect(engine.executed[1]?.feedback).toMatchObject([{ gate: 'ok', message: expect.stringContaining('nobody decided') }]);
  });

  describe('about a gate that has failed', () => {
    const ASK = 'type: expression, expression: "${{ output.x > 1 }}", onFail: {action: approval, approvers: [user:ann]}';

    it('lets the step through when the person says so, with the output as it is', async () => {
      await start(ASK);
      expect((await requested()).title).toBe('Gate "ok" of step "a" failed. Go on with its output?');
      await decide('user:ann');
      await engine.until('RunSucceeded');
      expect(engine.executed).toHaveLength(1);
    });

    it('fails the step when the person refuses', async () => {
      await start(ASK);
      await decide('user:ann', false);
      await engine.until('RunFailed');
    });

    it('comes after judges, who are not asked again', async () => {
      await start('type: agent, capability: judge, onFail: {action: approval}', ({ step, input }) =>
        step === 'a' ? (input ?? {}) : { passed: false, reason: 'no' },
      );
      await decide('user:ann');
      await engine.until('RunSucceeded');
      expect(engine.executed.map(({ step }) => step)).toEqual(['a', 'gate:a.ok']);
    });
  });

  it('is followed by another agent when the gate sends the step back to one', async () => {
    const agents: string[] = [];
    await start(
      'type: expression, expression: "${{ output.x > 2 }}", onFail: {action: retry, maxAttempts: 2, agents: [second]}',
      ({ attempt }) => ({
        x: attempt,
      }),
    );
    await engine.until('RunSucceeded');
    for (const { type, data } of await engine.events())
      if (type === 'TaskAssigned' || type === 'TaskScheduled') agents.push(data.assignment?.agent ?? '');
    expect(agents.slice(1)).toEqual(['second', 'second']);
  });
});
