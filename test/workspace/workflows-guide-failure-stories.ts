import { expect } from '@jest/globals';
import type { JsonValue } from '@tutti/kernel';
import { commands, type GateCommand } from '@tutti/testing';
import { dataOf, echo, inputsOf, typesOf, type Run, type Story } from './workflows-guide-story.js';

/** Failures, gates, triggers and repair. */
export const FAILURE_STORIES: Readonly<Record<string, Story>> = {
  checkout: {
    agents: { 'payment.card': () => ({ by: 'card' }), 'payment.invoice': ({ why }: { why: string }) => ({ by: `invoice: ${why}` }) },
    play: async (run, kit) => {
      expect(await run.outputs()).toEqual({ by: 'card' });
      kit.fail('payment.card', { times: 2, code: 'payment.declined' });
      expect(await (await kit.start('checkout')).outputs()).toEqual({ by: 'invoice: payment.declined' });
      kit.fail('payment.card', { code: 'OFFLINE', retryable: false });
      expect(await (await kit.start('checkout')).outputs()).toEqual({ by: 'nobody' });
    },
  },

  trip: {
    agents: {
      'flight.book': () => ({ id: 'F1' }),
      'hotel.book': () => ({ id: 'H1' }),
      'car.book': (_: unknown, { hang }) => hang(),
      'flight.cancel': echo,
      'hotel.cancel': echo,
      'mail.send': echo,
    },
    play: async (run, kit) => {
      const undone = (of: Run): readonly JsonValue[] => [...inputsOf(of, 'hotel.cancel'), ...inputsOf(of, 'flight.cancel')];
      kit.fail('car.book', { code: 'NO_CAR', retryable: false });
      kit.fail('hotel.cancel', { times: 2 });
      await run.until({ call: 'hotel.cancel' });
      await kit.crash();
      await expect(run.outputs()).rejects.toThrow('NO_CAR');
      expect(undone(run).slice(-2)).toEqual([{ booking: 'H1' }, { booking: 'F1', because: 'NO_CAR' }]);
      expect(inputsOf(run, 'mail.send')).toEqual([{ failed: 'car' }]);

      const cancelled = await kit.start('trip');
      await cancelled.until({ call: 'car.book' });
      await cancelled.cancel('wrong dates');
      await cancelled.until('ended');
      expect(undone(cancelled)).toMatchObject([{ booking: 'H1' }, { booking: 'F1' }]);
      expect([cancelled.calls('mail.send').length, typesOf(cancelled).at(-1)]).toEqual([0, 'RunCancelled']);

      const forced = await kit.start('trip');
      await forced.until({ call: 'car.book' });
      await kit.ask(({ runs }) => runs.cancelRun({ runId: forced.id, actor: 'user:ann', reason: '', force: true }));
      expect([undone(forced), typesOf(forced).at(-1)]).toEqual([[], 'RunCancelled']);

      await expect((await kit.start('trip')).outputs()).rejects.toThrow('TIMED_OUT');
    },
  },

  report: {
    agents: {
      'report.collect': (_: unknown, { task }) => task.feedback.length,
      'report.write': {
        names: ['author', 'editor'],
        agent: ({ sources }: { sources: number }, { task, profile }) => ({
          title: `by ${profile.name}`,
          body: task.feedback.length === 0 ? 'short' : `long enough, sent back with ${sources} objections`,
        }),
      },
    },
    inputs: { topic: 'bees' },
    play: async (run, kit) => {
      await run.until('approval');
      await kit.crash();
      expect(run.approvals).toMatchObject([{ gate: 'sourced' }]);
      await run.approve({ by: 'user:ann' });
      expect(await run.outputs()).toMatchObject({ title: 'by editor', body: expect.stringContaining('long enough') });
      const verdicts = dataOf(run, 'GateEvaluated').map(({ gate, action }) => `${String(gate)} ${String(action)}`);
      expect(verdicts).toContain('long-enough retry');
      expect(JSON.stringify(run.calls('report.write')[1]?.feedback)).toContain('5 characters are too few');
      expect(verdicts.filter((verdict) => verdict.startsWith('sourced'))).toEqual(['sourced goto', 'sourced ask', 'sourced continue']);
      expect(run.calls('report.collect')).toHaveLength(2);
    },
  },

  import: {
    agents: {
      'import.load': async (_: unknown, { sleep }) => {
        await sleep('5m');
        return { rows: 90 };
      },
    },
    inputs: { expected: 100 },
    play: async (run, kit) => {
      await run.reject({ gate: 'complete' });
      await expect(run.outputs()).rejects.toThrow('rejected by user:tester');
      expect(dataOf(run, 'GateEvaluated')[2]?.['message']).toBe('value is 0.9; expected at least 0.95 and at most 1.05');
      kit.fail('import.load', { times: 2 });
      await expect((await kit.start('import', { expected: 90 })).outputs()).rejects.toThrow('step.attempts is 3; expected at most 2');
    },
  },

  change: {
    agents: {
      'code.write': (_: unknown, { task }) => ({ branch: `fix-${task.feedback.length}; rm -rf /` }),
      ...commands(({ run, env, stdin }: GateCommand) => {
        if (Array.isArray(run)) return JSON.stringify(stdin).includes('fix-0') ? 1 : 0;
        expect(run).toBe('test "$(git diff --name-only "main...${TUTTI_1}" | wc -l)" -lt 20');
        expect([env, stdin]).toEqual([{ TUTTI_1: 'fix-1; rm -rf /' }, { branch: 'fix-1; rm -rf /' }]);
        return 0;
      }),
    },
    inputs: { task: 'fix it' },
    play: async (run) => {
      expect(await run.outputs()).toEqual({ branch: 'fix-1; rm -rf /' });
      expect(run.calls('code.write').map(({ feedback }) => feedback.length)).toEqual([0, 1]);
    },
  },

  article: {
    agents: {
      'text.write': (_: unknown, { task }) => ({ text: task.feedback.length === 0 ? 'synergies' : 'plain words' }),
      'text.judge': {
        names: ['ann-bot', 'bob-bot', 'eve-bot'],
        agent: ({ output, rule }: { output: { text: string }; rule: string }, { profile }) => {
          if (profile.name === 'ann-bot') return { passed: true, score: 0.6, reason: 'not quite' };
          return output.text === 'synergies' ? { passed: profile.name === 'bob-bot', reason: rule } : { passed: true, score: 0.9 };
        },
      },
    },
    inputs: { topic: 'bees' },
    play: async (run) => {
      expect(await run.outputs()).toEqual({ text: 'plain words' });
      const [first, second] = dataOf(run, 'GateEvaluated');
      expect(first).toMatchObject({ passed: false, action: 'retry', message: expect.stringContaining('eve-bot: no jargon') });
      expect(second).toMatchObject({ passed: true, message: '2 of 3 passed it, 2 needed' });
      expect(JSON.stringify(second)).toContain('"judge":"ann-bot","version"');
    },
  },

  release: {
    agents: { 'ci.build': () => ({ version: '1.4.0' }), 'ci.publish': echo },
    play: async (run, kit) => {
      await expect(run.approve({ by: 'user:tester' })).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
      await run.approve({ by: 'user:ann' });
      await expect(run.approve({ by: 'user:lead' })).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
      await kit.advance('4h');
      await kit.crash();
      await run.approve({ by: 'user:lead' });
      expect(await run.outputs()).toEqual({ by: 'user:lead' });
      expect(typesOf(run)).toEqual(expect.arrayContaining(['ApprovalVoted', 'ApprovalEscalated', 'ApprovalDecided']));
      expect(run.calls('ci.build')).toHaveLength(1);

      const delegated = await kit.start('release');
      await delegated.until('approval');
      const approvalId = delegated.approvals[0]?.approvalId ?? '';
      await kit.ask(({ runs }) => runs.delegateApproval({ approvalId, to: 'user:dan', actor: 'user:cid', reason: 'on leave' }));
      await expect(delegated.approve({ by: 'user:cid' })).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
      await delegated.approve({ by: 'user:dan' });
      await delegated.approve({ by: 'user:bob' });
      await delegated.outputs();

      const forgotten = await kit.start('release');
      await expect(forgotten.outputs()).rejects.toThrow('nobody decided by');
    },
  },

  restock: {
    agents: { 'stock.order': ({ sku }: { sku: string }) => `ordered ${sku}` },
    inputs: { sku: 'lamp' },
    play: async (run, kit) => {
      expect(await run.outputs()).toEqual({ ordered: 'ordered lamp' });
      await kit.publishEvent({ type: 'stock.low', source: '/warehouse', data: { sku: 'rug', left: 12 } });
      await kit.publishEvent({ type: 'stock.low', source: '/warehouse', data: { sku: 'rug', left: 2 } });
      await kit.until(() => kit.runs('restock').length === 2);
      expect(await kit.runs('restock')[1]?.outputs()).toEqual({ ordered: 'ordered rug' });
      // Monday at six in Berlin.
      await kit.advance('7d');
      expect(kit.runs('restock').map(({ events }) => events[0]?.time.slice(0, 16))[2]).toBe('2026-01-05T05:00');
    },
  },

  settlement: {
    agents: {
      'bank.fetch': () => ({ sum: 100 }),
      'bank.convert': ({ rate }: { rate: number }) => ({ sum: 100 * rate }),
      'bank.book': ({ sum, rate = 1 }: { sum: number; rate?: number }) => ({ entry: `${sum ?? 'none'} at ${rate}` }),
    },
    play: async (run, kit) => {
      const repair = (of: Run, what: { failedSteps?: boolean; steps?: string[]; inputs?: object; outputs?: object }) => {
        const { failedSteps = false, steps = [], inputs: given = {}, outputs = {} } = what;
        const request = {
          runId: of.id,
          repairId: '',
          failedSteps,
          steps,
          inputs: given,
          outputs,
          actor: 'user:ann',
          reason: 'looked at it',
        };
        return kit.ask(({ runs }) => runs.repairRun(request));
      };
      expect(await run.outputs()).toEqual({ entry: '110.00000000000001 at 1' });
      // Back to a point, with another rate.
      await repair(run, { steps: ['convert'], inputs: { convert: { rate: 2 } } });
      await run.until({ event: 'RunSucceeded', times: 2 });
      expect((await run.view()).outputs).toEqual({ entry: '200 at 1' });
      expect(run.calls().map(({ step }) => step)).toEqual(['fetch', 'convert', 'book', 'convert', 'book']);

      // On from what failed, with other input; then as done by hand.
      for (const how of [{ failedSteps: true, inputs: { book: { sum: 7, rate: 1.08 } } }, { outputs: { book: { entry: 'by hand' } } }]) {
        kit.fail('bank.book');
        const broken = await kit.start('settlement');
        await expect(broken.outputs()).rejects.toThrow('INJECTED_FAILURE');
        await kit.crash();
        await repair(broken, how);
        await broken.until({ event: 'RunSucceeded' });
        const entry = 'outputs' in how ? 'by hand' : '7 at 1.08';
        expect((await broken.view()).outputs).toEqual({ entry });
        expect(broken.calls('bank.fetch')).toHaveLength(1);
        expect(dataOf(broken, 'RunRepaired')).toMatchObject([{ repairedBy: 'user:ann' }]);
      }
    },
  },
};
