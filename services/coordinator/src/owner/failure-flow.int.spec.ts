import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { startEngine, agent, type Engine, type Handler } from '../testing/engine.js';

type Work = Parameters<Handler>[0];

const AGENTS = [agent('worker', ['work', 'undo', 'report'])];
const ended = (events: readonly RunEvent[]): RunEvent | undefined => events.find(({ type }) => type === 'CompensationEnded');

describe('a run in which something fails', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  /** Steps named here fail for good. */
  const start = async (definition: string, fails: (work: Work) => boolean, inputs = {}): Promise<void> => {
    engine = await startEngine(
      `name: wf\n${definition}`,
      (work) => {
        if (fails(work)) throw new RangeError(`${work.step} broke`);
        return work.input ?? {};
      },
      AGENTS,
    );
    await engine.start('wf', inputs);
  };
  const steps = (): readonly string[] => engine.executed.map(({ step }) => step);
  const inputOf = (step: string): unknown => engine.executed.find((work) => work.step === step)?.input;

  describe('with a handler', () => {
    it('runs the first that fits the code, which sees the error, and takes its output for the step’s', async () => {
      await start(
        `
steps:
  pay:
    capability: work
    catch:
      - {codes: [TIMED_OUT, "payment.*"], set: {way: other}}
      - {codes: [AGENT_FAILED], capability: undo, with: {code: "\${{ error.code }}", step: "\${{ error.step }}"}}
  next: {needs: pay, capability: report, with: {paid: "\${{ steps.pay.output.code }}"}}
`,
        ({ step, task }) => step === 'pay' && !task.includes('~'),
      );
      await engine.until('RunSucceeded');
      expect(inputOf('next')).toEqual({ paid: 'AGENT_FAILED' });
      expect(engine.executed.map(({ task }) => task)).toEqual(['pay', 'pay~2', 'next']);
    });

    it('fails when none fits, or when the handler fails as well', async () => {
      await start('steps: {a: {capability: work, catch: [{codes: ["other.*"], set: {x: 1}}]}}', () => true);
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'AGENT_FAILED' }, step: 'a' });
      await engine.close();
      await start('steps: {a: {capability: work, catch: [{capability: undo}]}}', () => true);
      await engine.until('RunFailed');
      expect(steps()).toEqual(['a', 'a']);
    });

    it('catches a gate’s verdict, and what the handler gives is not judged again', async () => {
      await start(
        `
steps:
  a:
    capability: work
    gates: [{name: never, type: expression, expression: "\${{ output.ok }}"}]
    catch: [{codes: [GATE_FAILED], set: {ok: false, why: "\${{ error.message }}"}}]
outputs: {why: "\${{ steps.a.output.why }}"}
`,
        () => false,
      );
      expect(await engine.outputs()).toEqual({ why: expect.stringContaining('gate "never" failed') });
    });

    it('catches what the first of a list could not begin with, before the others have begun', async () => {
      await start(
        `
steps:
  each:
    capability: work
    forEach: {items: "\${{ inputs.list }}"}
    with: {n: "\${{ item }}"}
    input: {properties: {n: {type: number}}}
    catch: [{capability: report, with: {code: "\${{ error.code }}"}}]
`,
        () => false,
        { list: ['one', 'two'] },
      );
      await engine.until('RunSucceeded');
      expect(inputOf('each')).toEqual({ code: 'INPUT_INVALID' });
    });

    it('catches the failure of a list as a whole, and calls the others of the list back', async () => {
      await start(
        `
steps:
  each:
    capability: work
    forEach: {items: "\${{ inputs.list }}", concurrency: 1}
    with: {n: "\${{ item }}"}
    catch: [{capability: report, with: {instead: "\${{ error.step }}"}}]
outputs: {each: "\${{ steps.each.output }}"}
`,
        ({ task }) => task === 'each[1]',
        { list: [1, 2, 3] },
      );
      expect(await engine.outputs()).toEqual({ each: { instead: 'each' } });
      expect(engine.executed.map(({ task }) => task)).toEqual(['each[0]', 'each[1]', 'each~2']);
    });

    it('goes on with the handler after a crash in its middle', async () => {
      let crashed = false;
      engine = await startEngine(
        'name: wf\nsteps: {a: {capability: work, catch: [{capability: undo}]}}',
        ({ task }) => {
          if (task === 'a') throw new RangeError('broke');
          return crashed ? {} : undefined;
        },
        AGENTS,
      );
      await engine.start('wf', {});
      await engine.until('StepCaught');
      await crashAndBoot(engine, () => (crashed = true));
      await engine.until('RunSucceeded');
      expect((await engine.events()).filter(({ type }) => type === 'StepCaught')).toHaveLength(1);
    });
  });

  describe('with compensation', () => {
    const SAGA = `
steps:
  a: {capability: work, with: {x: 1}, compensate: {capability: undo, with: {input: "\${{ input.x }}", output: "\${{ output.x }}", code: "\${{ error.code }}"}}}
  b: {needs: a, capability: work, with: {x: 2}}
  c: {needs: b, capability: work, with: {x: 3}, compensate: {capability: undo, with: {output: "\${{ output.x }}"}}}
  d: {needs: c, capability: work, compensate: {capability: undo}}
onFailure: {capability: report, with: {code: "\${{ error.code }}", step: "\${{ error.step }}"}}
`;

    it('undoes what was done, newest first, then runs the failure handler, and fails as the step did', async () => {
      await start(SAGA, ({ step }) => step === 'd');
      expect((await engine.until('RunFailed')).data).toMatchObject({ step: 'd', error: { code: 'AGENT_FAILED' } });
      expect(steps()).toEqual(['a', 'b', 'c', 'd', 'undo:c', 'undo:a', 'on-failure:']);
      expect(inputOf('undo:a')).toEqual({ input: 1, output: 1, code: 'AGENT_FAILED' });
      expect(inputOf('on-failure:')).toEqual({ code: 'AGENT_FAILED', step: 'd' });
      expect(ended(await engine.events())?.data).toEqual({ compensated: ['c', 'a'], failed: [] });
    });

    it('goes on with the others when one cannot be undone, and says which', async () => {
      await start(SAGA.replace('{output: "${{ output.x }}"}}', '{output: "${{ output.x }}"}, retry: {maxAttempts: 1}}'), ({ step }) =>
        ['d', 'undo:c'].includes(step),
      );
      await engine.until('RunFailed');
      expect(ended(await engine.events())?.data).toEqual({ compensated: ['a'], failed: ['c'] });
    });

    it('undoes on a cancellation, without the failure handler; one by force leaves everything as it is', async () => {
      await start(SAGA.replace('d: {needs: c, capability: work,', 'd: {needs: c, sleep: 1h,'), () => false);
      await engine.until('TimerStarted');
      await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:eve', reason: 'enough' });
      expect((await engine.until('RunCancelled')).data).toEqual({ cancelledBy: 'user:eve', reason: 'enough' });
      expect(steps()).toEqual(['a', 'b', 'c', 'undo:c', 'undo:a']);

      await engine.start('wf', {}, 'r2');
      await engine.until('TimerStarted', 'r2');
      await engine.owner.send('r2', { type: 'CancelRun', actor: 'user:eve', reason: 'now', force: true });
      await engine.until('RunCancelled', 'r2');
      expect(steps().filter((step) => step.startsWith('undo:'))).toHaveLength(2);
    });

    it('undoes what a held run had done when it is cancelled, without waiting for somebody to let it go on', async () => {
      await start(SAGA.replace('d: {needs: c, capability: work,', 'd: {needs: c, sleep: 1h,'), () => false);
      await engine.until('TimerStarted');
      await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:eve', reason: 'wait' });
      await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:eve', reason: 'enough' });
      await engine.until('RunCancelled');
      expect(steps()).toEqual(['a', 'b', 'c', 'undo:c', 'undo:a']);
    });

    it('undoes what a list had done, one by one from its end, though the list failed', async () => {
      await start(
        `
steps:
  each:
    capability: work
    forEach: {items: "\${{ inputs.list }}", concurrency: 1}
    with: {n: "\${{ item }}"}
    compensate: {capability: undo, with: {item: "\${{ item }}", n: "\${{ output.n }}"}}
`,
        ({ task }) => task === 'each[2]',
        { list: ['p', 'q', 'r', 's'] },
      );
      await engine.until('RunFailed');
      expect(engine.executed.slice(3).map(({ input }) => input)).toEqual([
        { item: 'q', n: 'q' },
        { item: 'p', n: 'p' },
      ]);
    });

    const SAGA_OF_20 = Array.from({ length: 20 }, (_, n) => {
      const needs = n === 0 ? '' : `needs: s${n - 1}, `;
      return `  s${n}: {${needs}capability: work, with: {n: ${n}}, compensate: {capability: undo, with: {of: "\${{ output.n }}"}}}`;
    });

    it.each(SAGA_OF_20.map((_, failing) => failing))(
      'ends a saga of twenty steps that fails at step %d compensated exactly, wherever it crashes on its way back',
      async (failing) => {
        const expected = Array.from({ length: failing }, (_, n) => `undo:s${failing - 1 - n}`);
        for (const crashAt of failing === 0 ? [null] : expected) {
          const undone: string[] = [];
          let crashed = false;
          engine = await startEngine(
            `name: wf\nsteps:\n${SAGA_OF_20.join('\n')}\n`,
            ({ step, input }) => {
              if (step === `s${failing}`) throw new RangeError('broke');
              if (!step.startsWith('undo:')) return input ?? {};
              // The process ends before the agent has answered.
              if (!crashed && step === crashAt) return undefined;
              undone.push(step);
              return {};
            },
            AGENTS,
          );
          await engine.start('wf', {});
          if (crashAt !== null) {
            await engine.until('TaskScheduled', 'r1', failing + 2 + expected.indexOf(crashAt));
            await crashAndBoot(engine, () => (crashed = true));
          }
          await engine.until('RunFailed');
          expect(undone).toEqual(expected);
          const last = ended(await engine.events());
          expect(last?.data).toEqual(failing === 0 ? undefined : { compensated: expected.map((id) => id.slice(5)), failed: [] });
          if (crashAt !== expected.at(-1) && failing > 0) await engine.close();
        }
      },
    );
  });

  it('undoes what was done when its timeout ends while it is held', async () => {
    await start('timeout: 1h\nsteps:\n  a: {capability: work, compensate: {capability: undo}}\n  b: {needs: a, sleep: 2h}\n', () => false);
    await engine.until('TimerStarted');
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:eve', reason: 'wait' });
    await engine.runtime.advance(3_600_000);
    await engine.until('RunFailed');
    expect(steps()).toEqual(['a', 'undo:a']);
  });

  it('fails at the end of its timeout, calls back what is out and undoes what was done', async () => {
    await start(
      `
timeout: 1h
steps:
  a: {capability: work, compensate: {capability: undo}}
  b: {needs: a, sleep: 2h}
`,
      () => false,
    );
    await engine.until('TimerStarted');
    await engine.runtime.advance(3_600_000);
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'TIMED_OUT' }, step: null });
    expect(steps()).toEqual(['a', 'undo:a']);
    expect((await engine.events()).map(({ type }) => type)).toContain('TaskCancelled');
  });
});

async function crashAndBoot(engine: Engine, between: () => void): Promise<void> {
  await engine.crash();
  between();
  await engine.boot('w2', AGENTS);
  await engine.owner.recover('r1');
}
