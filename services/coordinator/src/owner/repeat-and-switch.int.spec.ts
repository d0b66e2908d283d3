import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { nextRepetitionMs } from '../run/run.repeat.js';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work', 'other'])];
const SECOND = 1_000;

let engine: Engine;
afterEach(() => engine.close());

async function start(definition: string, inputs: JsonObject = {}, handler: Handler = (work) => work.input): Promise<void> {
  engine = await startEngine(`name: wf\n${definition}`, handler, AGENTS);
  await engine.start('wf', inputs);
}

async function restart(): Promise<void> {
  await engine.crash();
  await engine.boot('w1', AGENTS);
  await engine.owner.recover('r1');
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await engine.runtime.advance(0);
  await engine.owner.settled('r1');
}

const tasks = (): readonly string[] => engine.executed.map(({ task }) => task);

describe('a step that repeats', () => {
  const COUNT = `
steps:
  poll:
    capability: work
    with: {time: "\${{ iteration }}", before: "\${{ last.time }}"}
    repeat: {until: "\${{ output.time >= 3 }}", delay: 30s}
  after: {needs: poll, capability: other, with: {time: "\${{ steps.poll.output.time }}"}}`;

  it('does its work anew, not before the delay is over, until it is done; it sees what came out before, also after a crash', async () => {
    await start(COUNT);
    await engine.until('RepetitionDecided');
    await engine.runtime.advance(29 * SECOND);
    await settle();
    expect(tasks()).toEqual(['poll']);
    await restart();
    await engine.runtime.advance(SECOND);
    await engine.until('RepetitionDecided', 'r1', 2);
    await engine.runtime.advance(30 * SECOND);
    await engine.until('RunSucceeded');
    expect(engine.executed.map(({ task, input }) => [task, input])).toEqual([
      ['poll', { time: 1 }],
      ['poll~2', { time: 2, before: 1 }],
      ['poll~3', { time: 3, before: 2 }],
      ['after', { time: 3 }],
    ]);
    const decided = (await engine.events()).flatMap(({ type, data }) => (type === 'RepetitionDecided' ? [data] : []));
    expect(decided.map(({ iteration, again }) => [iteration, again])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
  });

  it('does not go on while the run is paused, and does at once when it is resumed later', async () => {
    await start(COUNT);
    await engine.until('RepetitionDecided');
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: '' });
    await engine.runtime.advance(60 * SECOND);
    await settle();
    expect(tasks()).toEqual(['poll']);
    await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:ann', reason: '' });
    await engine.until('RepetitionDecided', 'r1', 2);
  });

  it('keeps a run that is to end from nothing while it would wait', async () => {
    await start(
      `
steps:
  book: {capability: other, with: {}, compensate: {sleep: 10m}}
  poll: {needs: book, capability: work, with: {}, repeat: {until: "\${{ false }}", delay: 30s}}`,
    );
    await engine.until('RepetitionDecided');
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: 'no need' });
    await engine.until('CompensationStarted');
    await engine.runtime.advance(60 * SECOND);
    const { state } = await engine.owner.settled('r1');
    expect(nextRepetitionMs(state)).toBe(Infinity);
    await engine.runtime.advance(600 * SECOND);
    await engine.until('RunCancelled');
    expect(tasks()).toEqual(['book', 'poll']);
  });

  it('fails with REPEAT_EXHAUSTED when it is never done, which a handler can catch', async () => {
    const step = 'capability: work, repeat: {until: "${{ output.done }}", maxTimes: 2}';
    await start(`steps: {poll: {${step}}}`);
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'REPEAT_EXHAUSTED' }, step: 'poll' });
    expect(tasks()).toEqual(['poll', 'poll~2']);
    await engine.close();
    await start(
      `steps: {poll: {${step}, catch: [{codes: [REPEAT_EXHAUSTED], set: {gave: up}}]}}\noutputs: {was: "\${{ steps.poll.output.gave }}"}`,
    );
    expect(await engine.outputs()).toEqual({ was: 'up' });
  });

  it('goes over its whole list again, and joins it each time before it asks', async () => {
    await start(
      `
inputs: {type: object}
steps:
  each:
    forEach: {items: "\${{ inputs.list }}"}
    capability: work
    with: {item: "\${{ item }}", time: "\${{ iteration }}"}
    repeat: {until: "\${{ $count(output) = 2 and iteration = 2 }}"}
outputs: {all: "\${{ steps.each.output }}"}`,
      { list: ['a', 'b'] },
    );
    expect(await engine.outputs()).toEqual({
      all: [
        { item: 'a', time: 2 },
        { item: 'b', time: 2 },
      ],
    });
    expect([...tasks()].sort()).toEqual(['each[0]', 'each[0]~2', 'each[1]', 'each[1]~2']);
  });

  it('is judged by its gates once it is done, and is asked again when a gate sends it back', async () => {
    let drafts = 0;
    await start(
      `
steps:
  draft:
    capability: work
    repeat: {until: "\${{ output.n >= 2 }}"}
    gates: [{name: good, type: expression, expression: "\${{ output.n >= 3 }}", onFail: {action: retry, maxAttempts: 2}}]`,
      {},
      () => ({ n: ++drafts }),
    );
    await engine.until('RunSucceeded');
    const types = (await engine.events())
      .map(({ type }) => type)
      .filter((type) => type === 'RepetitionDecided' || type === 'GateEvaluated');
    expect(types).toEqual(['RepetitionDecided', 'RepetitionDecided', 'GateEvaluated', 'RepetitionDecided', 'GateEvaluated']);
  });

  it('can choose another case each time', async () => {
    await start(`
steps:
  first: {set: {phase: one}}
  go:
    needs: first
    switch: "\${{ variables.phase }}"
    cases:
      one: {set: {phase: two}}
      two: {capability: work, with: {done: true}}
    repeat: {until: "\${{ output.done }}"}`);
    await engine.until('RunSucceeded');
    expect(tasks()).toEqual(['go~2']);
  });
});

describe('a step with a switch', () => {
  const SWITCH = `
inputs: {type: object}
steps:
  go:
    switch: "\${{ inputs.kind }}"
    cases:
      agent: {capability: work, with: {from: agent}}
      nap: {sleep: 1m}
      ask: {wait: {signal: answer}}
      note: {set: {noted: "yes"}}
      "1": {capability: other, with: {from: number}}
      "true": {capability: other, with: {from: truth}}`;

  it.each([
    ['agent', { from: 'agent' }],
    ['nap', null],
    ['ask', { said: 'so' }],
    ['note', { noted: 'yes' }],
    [1, { from: 'number' }],
    [true, { from: 'truth' }],
  ])('does the work of the case that %s chooses, through a crash', async (kind, output) => {
    await start(`${SWITCH}\noutputs: {was: "\${{ steps.go.output }}"}`, { kind });
    await settle();
    await restart();
    const payload = { inline: { said: 'so' } };
    if (kind === 'ask') await engine.owner.send('r1', { type: 'SignalRun', signalId: 's1', name: 'answer', payload, actor: 'user:ann' });
    await engine.runtime.advance(60 * SECOND);
    expect(await engine.outputs()).toEqual({ was: output });
  });

  it.each([['other'], [null], ['']])('fails with NO_CASE for %s when there is no default', async (kind) => {
    await start(SWITCH, { kind });
    const { data } = await engine.until('RunFailed');
    expect(data).toMatchObject({ error: { code: 'NO_CASE', message: expect.stringContaining(`gave "${kind ?? ''}"`) } });
  });

  it('fails for what is no text, number or truth value', async () => {
    await start(SWITCH, { kind: { a: 1 } });
    expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'EXPRESSION_FAILED' } });
  });

  it('chooses for each of a list, and remembers the choice for another attempt', async () => {
    let failures = 0;
    await start(
      `
inputs: {type: object}
steps:
  each:
    forEach: {items: "\${{ inputs.list }}", concurrency: 2}
    switch: "\${{ item.kind }}"
    cases: {a: {capability: work, with: {a: "\${{ item.n }}"}, retry: {maxAttempts: 2, initialInterval: 1s}}}
    default: {capability: other, with: {b: "\${{ item.n }}"}}
outputs: {all: "\${{ steps.each.output }}"}`,
      {
        list: [
          { kind: 'a', n: 1 },
          { kind: 'x', n: 2 },
          { kind: 'a', n: 3 },
        ],
      },
      (work) => {
        if (work.task === 'each[0]' && failures++ === 0) throw new Error('not yet');
        return work.input;
      },
    );
    await engine.until('TaskAttemptFailed');
    await restart();
    await engine.runtime.advance(2 * SECOND);
    expect(await engine.outputs()).toEqual({ all: [{ a: 1 }, { b: 2 }, { a: 3 }] });
  });
});
