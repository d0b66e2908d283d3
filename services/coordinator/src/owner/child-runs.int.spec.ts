import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { startEngine, agent, type Engine, type Handler } from '../testing/engine.js';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

const AGENTS = [agent('worker', ['work', 'docs.write', 'plan'])];
const ORDER = 'name: order\ninputs: {type: object, required: [n], properties: {n: {type: integer}}}\n';

describe('a child run', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (definitions: readonly string[], handler: Handler, inputs: JsonObject = {}): Promise<void> => {
    const [first = '', ...others] = definitions;
    engine = await startEngine(`name: wf\n${first}`, handler, AGENTS);
    for (const definition of others) await engine.register(definition);
    await engine.start('wf', inputs);
  };
  const echo: Handler = ({ input }) => input ?? {};
  const childIds = async (runId = 'r1'): Promise<readonly string[]> =>
    (await engine.events(runId)).flatMap((event) => (event.type === 'ChildRunStarted' ? [event.data.runId] : []));
  const last = async (runId: string): Promise<string | undefined> => (await engine.events(runId)).at(-1)?.type;
  const tasks = (): readonly string[] => engine.executed.map(({ task }) => task);

  describe('of another workflow', () => {
    it('starts with the defaults of its workflow’s inputs', async () => {
      await start(
        [
          'steps: {buy: {workflow: order}}\noutputs: {paid: "${{ steps.buy.output.paid }}"}',
          'name: order\ninputs: {type: object, required: [n], properties: {n: {type: integer, default: 7}}}\nsteps: {pay: {set: {n: "${{ inputs.n }}"}}}\noutputs: {paid: "${{ inputs.n }}"}',
        ],
        echo,
      );
      expect(await engine.outputs()).toEqual({ paid: 7 });
    });

    it('runs with the step’s input and gives its outputs as the step’s', async () => {
      await start(
        [
          'steps:\n  buy: {workflow: order, with: {n: "${{ inputs.n }}"}}\n  next: {needs: buy, capability: work, with: {paid: "${{ steps.buy.output.paid }}"}}\noutputs: {all: "${{ steps.next.output }}"}',
          `${ORDER}steps: {pay: {capability: work, with: {sum: "\${{ inputs.n * 2 }}"}}}\noutputs: {paid: "\${{ steps.pay.output.sum }}"}`,
        ],
        echo,
        { n: 4 },
      );
      expect(await engine.outputs()).toEqual({ all: { paid: 8 } });
      const [child = ''] = await childIds();
      expect(child).toMatch(/^r1~[0-9a-f]{16}$/);
      const started = (await engine.events(child))[0] as EventOf<'RunStarted'>;
      expect(started.data).toMatchObject({
        workflow: 'order',
        startedBy: 'user:test',
        parent: { runId: 'r1', task: 'buy', attempt: 1, depth: 1, detached: false },
      });
    });

    it('is not started with inputs that do not match, and the step says what is wrong', async () => {
      await start(['steps: {buy: {workflow: order, with: {n: many}}}', `${ORDER}steps: {pay: {capability: work}}`], echo);
      expect((await engine.until('StepFailed')).data).toMatchObject({
        error: { code: 'INPUT_INVALID', details: { problems: [{ path: '/n' }] } },
      });
      expect(await childIds()).toEqual([]);
    });

    it('fails the attempt with its own code, and another attempt is another run', async () => {
      await start(
        [
          'steps: {buy: {workflow: order, with: {n: 1}, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}}}',
          `${ORDER}steps: {pay: {capability: work}}`,
        ],
        () => {
          throw new RangeError('no money');
        },
      );
      const failed = (await engine.until('TaskAttemptFailed')) as EventOf<'TaskAttemptFailed'>;
      const [first] = await childIds();
      expect(failed.data).toMatchObject({ cause: 'error', error: { code: 'AGENT_FAILED', details: { runId: first } } });
      await engine.runtime.advance(1_000);
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'AGENT_FAILED' } });
      expect(new Set(await childIds()).size).toBe(2);
    });

    it('is held against the step’s output schema', async () => {
      await start(
        [
          'steps: {buy: {workflow: order, with: {n: 1}, output: {type: object, required: [receipt]}}}',
          `${ORDER}steps: {pay: {capability: work}}`,
        ],
        echo,
      );
      expect((await engine.until('StepFailed')).data).toMatchObject({ error: { code: 'OUTPUT_INVALID' } });
    });

    it('that nobody waits for goes on by itself, whatever becomes of its parent', async () => {
      let finish: (value: JsonValue) => void = () => undefined;
      await start(
        [
          'steps: {send: {workflow: {name: order, detach: true}, with: {n: 1}}, rest: {needs: send, capability: work, with: {slow: true}}}',
          `${ORDER}steps: {pay: {capability: docs.write}}`,
        ],
        ({ step }) => (step === 'pay' ? new Promise((resolve) => (finish = resolve)) : undefined),
      );
      const [child = ''] = await waitForChildren(1);
      expect((await engine.until('TaskSucceeded')).data).toMatchObject({ output: { inline: { runId: child, workflow: 'order' } } });
      await engine.until('TaskScheduled', child);
      await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
      await engine.until('RunCancelled');
      await until(() => engine.executed.some(({ step }) => step === 'pay'));
      finish({});
      await engine.until('RunSucceeded', child);
    });

    it('ends with its step’s timeout', async () => {
      await start(
        ['steps: {buy: {workflow: order, with: {n: 1}, timeout: 1h}}', `${ORDER}steps: {pay: {capability: work}}`],
        () => undefined,
      );
      const [child = ''] = await waitForChildren(1);
      await engine.until('TaskScheduled', child);
      await engine.runtime.advance(3_600_000);
      expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({ cause: 'timeout', error: { code: 'TIMED_OUT' } });
      await engine.until('RunCancelled', child);
    });

    it('that somebody cancels fails the step, without another attempt', async () => {
      await start(
        ['steps: {buy: {workflow: order, with: {n: 1}, retry: {maxAttempts: 5}}}', `${ORDER}steps: {pay: {capability: work}}`],
        () => undefined,
      );
      const [child = ''] = await waitForChildren(1);
      await engine.until('TaskScheduled', child);
      await engine.owner.send(child, { type: 'CancelRun', actor: 'user:ann', reason: 'no' });
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'CANCELLED' } });
    });

    it('is not turned away where no more runs are taken', async () => {
      engine = await startEngine('name: wf\nsteps: {buy: {workflow: order, with: {n: 1}}}', echo, AGENTS);
      await engine.register(`${ORDER}steps: {pay: {capability: work}}`);
      await engine.crash();
      await engine.boot('w2', AGENTS, { limits: { maxOpenRuns: 1 } });
      await engine.start('wf', {});
      await engine.until('RunSucceeded');
    });
  });

  describe('of a group', () => {
    it('sees the inputs, the item of the list, and a copy of the variables, and answers with its outputs', async () => {
      await start(
        [
          `
steps:
  know: {set: {rate: 3}}
  each:
    needs: know
    forEach: {items: "\${{ inputs.list }}"}
    steps:
      price: {capability: work, with: {sum: "\${{ inputs.item * variables.rate }}", at: "\${{ inputs.index }}", of: "\${{ inputs.list }}"}}
      change: {needs: price, set: {rate: 100}}
    outputs: {sum: "\${{ steps.price.output.sum }}", of: "\${{ $count(steps.price.output.of) }}"}
outputs: {each: "\${{ steps.each.output }}", rate: "\${{ variables.rate }}"}
`,
        ],
        echo,
        { list: [1, 2] },
      );
      expect(await engine.outputs()).toEqual({
        each: [
          { sum: 3, of: 2 },
          { sum: 6, of: 2 },
        ],
        rate: 3,
      });
    });

    it('goes by `with` alone where it is given, and nests', async () => {
      await start(
        [
          `
steps:
  outer:
    with: {a: 1}
    steps:
      inner:
        steps:
          leaf: {capability: work, with: {seen: "\${{ inputs }}"}}
        outputs: {seen: "\${{ steps.leaf.output.seen }}"}
    outputs: {seen: "\${{ steps.inner.output.seen }}"}
outputs: {seen: "\${{ steps.outer.output.seen }}"}
`,
        ],
        echo,
        { hidden: true },
      );
      expect(await engine.outputs()).toEqual({ seen: { a: 1 } });
    });
  });

  describe('of a plan that a step made', () => {
    const PLANNED = `
steps:
  know: {set: {tone: calm}}
  think:
    needs: know
    capability: plan
    gates: [{name: sound, type: plan, plan: "\${{ output.plan }}", onFail: {action: retry, maxAttempts: 3}}]
  act: {needs: think, plan: {from: "\${{ steps.think.output.plan }}", capabilities: ["docs.*"], maxSteps: 3}, with: {topic: sea}}
outputs: {text: "\${{ steps.act.output.text }}"}
`;
    const GOOD = {
      steps: {
        draft: { capability: 'docs.write', with: { about: '${{ inputs.topic }}', tone: '${{ variables.tone }}' } },
        wrap: { needs: 'draft', steps: { last: { capability: 'docs.write', with: { text: 'end of ${{ inputs.topic }}' } } } },
      },
      outputs: { text: '${{ steps.draft.output.about & " " & steps.draft.output.tone }}' },
    };

    it('runs its steps, groups in it too, with the step’s input and a copy of the variables', async () => {
      await start([PLANNED], ({ step, input }) => (step === 'think' ? { plan: GOOD } : (input ?? {})));
      expect(await engine.outputs()).toEqual({ text: 'sea calm' });
      expect(engine.executed.find(({ step }) => step === 'last')?.input).toEqual({ text: 'end of sea' });
      const [child = ''] = await childIds();
      expect((await engine.events(child))[0]?.data).toMatchObject({ definition: { inline: GOOD } });
    });

    it('is refused by a gate with what is wrong with it, and taken up once it is repaired', async () => {
      const plans = [
        { steps: { a: { capability: 'docs.write', needs: 'b' } } },
        { steps: { a: { capability: 'work' }, b: { capability: 'docs.write', gates: [{ name: 'g', type: 'command', run: ['rm'] }] } } },
        { steps: { a: { steps: { b: { capability: 'docs.write' }, c: { capability: 'docs.write' }, d: { capability: 'docs.write' } } } } },
        GOOD,
      ];
      await start([PLANNED], ({ step, input, attempt }) => (step === 'think' ? { plan: plans[attempt - 1] ?? null } : (input ?? {})));
      expect(await engine.outputs()).toEqual({ text: 'sea calm' });
      const verdicts = (await engine.events()).filter((event) => event.type === 'GateEvaluated');
      expect(verdicts.map(({ data }) => [data.passed, data.message])).toEqual([
        [false, expect.stringContaining('/steps/a/needs: step "a" needs "b", which is not a step')],
        [false, expect.stringMatching(/step "a" asks for "work".*tutti\.command/)],
        [false, expect.stringContaining('4 steps, those in groups included; at most 3 are taken')],
        [true, 'the plan can be taken up'],
      ]);
      expect(verdicts[1]?.data.evidence).toMatchObject({ problems: [{ path: '/steps/a' }, { path: '/steps/b' }] });
      expect(engine.executed[1]?.feedback[0]?.gate).toBe('sound');
    });

    it('fails the step that should take it up when no gate has looked at it', async () => {
      await start(['steps: {think: {capability: plan}, act: {needs: think, plan: "${{ steps.think.output }}"}}'], () => ({
        steps: { a: { capability: 'work', with: { x: '${{ nothing.there }}' } }, a2: { kind: 'x' } },
      }));
      expect((await engine.until('StepFailed')).data).toMatchObject({ error: { code: 'DEFINITION_INVALID' } });
    });
  });

  it('is not started more than ten levels down: a workflow that runs itself ends', async () => {
    await start(['steps: {again: {workflow: wf}}'], echo);
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'CHILDREN_TOO_DEEP' } });
  });

  it('that runs its own workflow until a condition is met comes back with the sum of all', async () => {
    await start(
      [
        `
steps:
  here: {capability: work, with: {n: "\${{ inputs.n }}"}}
  below: {needs: here, if: "\${{ inputs.n > 1 }}", workflow: wf, with: {n: "\${{ inputs.n - 1 }}"}}
outputs: {sum: "\${{ inputs.n + (steps.below.output.sum ? steps.below.output.sum : 0) }}"}
`,
      ],
      echo,
      { n: 5 },
    );
    expect(await engine.outputs()).toEqual({ sum: 15 });
  });

  it('is cancelled with its parent, three levels down', async () => {
    await start(
      ['steps: {a: {steps: {b: {steps: {c: {workflow: order, with: {n: 1}}}}}}}', `${ORDER}steps: {pay: {capability: work}}`],
      () => undefined,
    );
    const chain = ['r1'];
    for (let depth = 0; depth < 3; depth++) chain.push((await waitForChildren(1, chain.at(-1)))[0] ?? '');
    await engine.until('TaskScheduled', chain[3]);
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: 'enough' });
    for (const runId of chain) await engine.until('RunCancelled', runId);
    expect(engine.owner.openRuns()).toBe(0);
  });

  it('that has ended is not repaired by itself: its parent is, and starts another', async () => {
    let broken = true;
    await start(['steps: {buy: {workflow: order, with: {n: 1}}}', `${ORDER}steps: {pay: {capability: work}}`], () => {
      if (broken) throw new RangeError('no money');
      return {};
    });
    await engine.until('RunFailed');
    broken = false;
    const [child = ''] = await childIds();
    const repair = { type: 'RepairRun', repairId: 'x', steps: null, inputs: {}, outputs: {}, actor: 'user:ann', reason: '' } as const;
    await expect(engine.owner.send(child, repair)).rejects.toMatchObject({ code: 'NOT_REPAIRABLE' });
    await engine.owner.send('r1', repair);
    await engine.until('RunSucceeded');
    expect(new Set(await childIds()).size).toBe(2);
  });

  it.each([
    [false, ['pay', 'ship', 'undo:pay']],
    [true, ['pay', 'ship']],
  ])('undoes what it did when its parent is cancelled, unless that is by force (force: %s)', async (force, expected) => {
    await start(
      [
        'steps: {buy: {workflow: order, with: {n: 1}}}',
        `${ORDER}steps: {pay: {capability: work, compensate: {capability: docs.write}}, ship: {needs: pay, capability: plan}}`,
      ],
      ({ step, input }) => (step === 'ship' ? undefined : (input ?? {})),
    );
    const [child = ''] = await waitForChildren(1);
    await until(() => engine.executed.some(({ step }) => step === 'ship'));
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '', force });
    await engine.until('RunCancelled', child);
    expect(engine.executed.map(({ step }) => step)).toEqual(expected);
  });

  it('is paused and resumed with its parent, but for one that somebody paused for itself', async () => {
    let answer = false;
    await start(
      ['steps: {a: {workflow: order, with: {n: 1}}, b: {workflow: order, with: {n: 2}}}', `${ORDER}steps: {pay: {sleep: 1h}}`],
      () => (answer ? {} : undefined),
    );
    const [a = '', b = ''] = await waitForChildren(2);
    for (const child of [a, b]) await engine.until('TimerStarted', child);
    await engine.owner.send(b, { type: 'PauseRun', actor: 'user:bob', reason: 'mine' });
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: 'all' });
    expect((await engine.until('RunPaused', a)).data).toEqual({ pausedBy: 'user:ann', reason: 'all', withParent: true });
    answer = true;
    await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:ann', reason: '' });
    await engine.until('RunResumed', a);
    await engine.runtime.advance(3_600_000);
    await engine.until('RunSucceeded', a);
    expect(await last(b)).not.toBe('RunSucceeded');
    await engine.owner.send(b, { type: 'ResumeRun', actor: 'user:bob', reason: '' });
    await engine.until('RunSucceeded');
  });

  async function waitForChildren(count: number, runId = 'r1'): Promise<readonly string[]> {
    await engine.until('ChildRunStarted', runId, count);
    return childIds(runId);
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let turn = 0; turn < 10_000 && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(tasks().length > 0 && holds()).toBe(true);
  }
});
