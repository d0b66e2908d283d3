import { afterEach, describe, expect, it } from '@jest/globals';
import { inboxEvents, type RunEvent } from '@tutti/contracts';
import { eventMetadata, newEvent, type JsonValue } from '@tutti/kernel';
import { agent, startEngine, type Engine } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work'])];
const MINUTE = 60_000;

describe('a run that waits', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const start = async (definition: string, inputs = {}): Promise<void> => {
    engine = await startEngine(`name: wf\n${definition}`, (work) => work.input ?? {}, AGENTS);
    await engine.start('wf', inputs);
  };
  const restart = async (): Promise<void> => {
    await engine.crash();
    await engine.boot('w1', AGENTS);
    await engine.owner.recover('r1');
  };
  const signal = async (name: string, payload: JsonValue, signalId: string): Promise<number> => {
    const stored = await engine.values.store(payload);
    return (await engine.owner.send('r1', { type: 'SignalRun', signalId, name, payload: stored, actor: 'user:ann' })).events.length;
  };
  const publish = async (eventId: string, data: JsonValue, source = 'shop'): Promise<void> => {
    const received = { source, eventId, eventType: 'paid', subject: null, occurredAt: null, data: { inline: data }, receivedFrom: 'api' };
    const metadata = eventMetadata({ correlationId: eventId, actor: 'user:test' });
    await engine.store.append(
      `inbox-${source}`,
      [newEvent(engine.runtime.ids.next(), inboxEvents.EventReceived, received, metadata)],
      'any',
    );
    for (let turn = 0; turn < 20; turn++) await engine.runtime.advance(0);
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await engine.runtime.advance(0);
    await engine.owner.settled('r1');
  };
  const typesOf = async (): Promise<readonly string[]> => (await engine.events()).map(({ type }) => type);
  const taken = async (): Promise<readonly (readonly [string, string | undefined])[]> =>
    (await engine.events()).flatMap((event) => (event.type === 'TaskSucceeded' ? [[event.data.task, event.data.takenFrom] as const] : []));
  const wakeAt = ({ data }: RunEvent): string => (data as { readonly wakeAt: string }).wakeAt;

  describe('for a time', () => {
    it('goes on when it is over, though the coordinator crashed in between, and not before', async () => {
      await start('steps: {nap: {sleep: 10m}, work: {needs: nap, capability: work}}');
      await engine.until('TimerStarted');
      await engine.runtime.advance(9 * MINUTE);
      await restart();
      await settle();
      expect(await typesOf()).not.toContain('TaskSucceeded');
      await engine.runtime.advance(MINUTE);
      await engine.until('RunSucceeded');
      expect((await typesOf()).filter((type) => type === 'TimerStarted')).toHaveLength(1);
    });

    it('goes on at once after a crash when the time was over long ago', async () => {
      await start('steps: {nap: {sleep: 10m}}');
      await engine.until('TimerStarted');
      await engine.crash();
      await engine.runtime.advance(24 * 60 * MINUTE);
      await engine.boot('w1', AGENTS);
      await engine.owner.recover('r1');
      await engine.until('RunSucceeded');
    });

    it('ends the timer while the run is paused, and takes the next step when it is resumed', async () => {
      await start('steps: {nap: {sleep: 10m}, work: {needs: nap, capability: work}}');
      await engine.until('TimerStarted');
      await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: '' });
      await engine.runtime.advance(10 * MINUTE);
      await engine.until('TaskSucceeded');
      await settle();
      expect(await typesOf()).not.toContain('TaskScheduled');
      await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:ann', reason: '' });
      await engine.until('RunSucceeded');
    });

    it.each([
      ['a length', '90s', 90_000],
      ['thirty days', '30d', 30 * 24 * 60 * MINUTE],
      ['no length', '0ms', 0],
    ])('takes %s from an expression', async (_, length, afterMs) => {
      await start('inputs: {type: object}\nsteps: {nap: {sleep: "${{ inputs.length }}"}}', { length });
      const begunMs = engine.runtime.clock.now();
      expect(Date.parse(wakeAt(await engine.until('TimerStarted')))).toBe(begunMs + afterMs);
      // Its signs of life would be most of what happens in a month.
      engine.silence();
      await engine.runtime.advance(afterMs);
      await engine.until('RunSucceeded');
    });

    it.each([
      ['that comes', 3 * 60 * MINUTE],
      ['that is past', -24 * 60 * MINUTE],
    ])('takes a time %s from an expression', async (_, fromNowMs) => {
      engine = await startEngine('name: wf\nsteps: {nap: {sleep: "${{ inputs.at }}"}}', () => null, AGENTS);
      const at = new Date(engine.runtime.clock.now() + fromNowMs).toISOString();
      await engine.start('wf', { at });
      expect(wakeAt(await engine.until('TimerStarted'))).toBe(at);
      await engine.runtime.advance(Math.max(0, fromNowMs));
      await engine.until('RunSucceeded');
    });

    it('fails the step for what is neither a length nor a time', async () => {
      await start('inputs: {type: object}\nsteps: {nap: {sleep: "${{ inputs.length }}"}}', { length: 'soon' });
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'EXPRESSION_FAILED' } });
    });
  });

  describe('for a signal', () => {
    const WAIT =
      'steps: {ok: {wait: {signal: approve}, timeout: 1h}, work: {needs: ok, capability: work, with: {by: "${{ steps.ok.output.by }}"}}}';

    it('goes on with what the signal carries, and says which it took', async () => {
      await start(WAIT);
      await engine.until('SignalAwaited');
      await signal('approve', { by: 'ann' }, 's1');
      await engine.until('RunSucceeded');
      expect(await taken()).toContainEqual(['ok', 's1']);
      expect(engine.executed.map(({ input }) => input)).toEqual([{ by: 'ann' }]);
    });

    it('takes one that came before the step, also after a crash', async () => {
      await start('steps: {first: {sleep: 1m}, ok: {needs: first, wait: {signal: approve}}}');
      await engine.until('TimerStarted');
      await signal('approve', 1, 's1');
      await restart();
      await engine.runtime.advance(MINUTE);
      await engine.until('RunSucceeded');
      expect(await taken()).toContainEqual(['ok', 's1']);
    });

    it('takes the same signal once, and each in the order of coming', async () => {
      await start('steps: {a: {wait: {signal: go}}, b: {needs: a, wait: {signal: go}}, c: {needs: b, wait: {signal: go}}}');
      await engine.until('SignalAwaited');
      const counts = [
        await signal('go', 1, 's1'),
        await signal('go', 9, 's1'),
        await signal('other', 1, 's0'),
        await signal('go', 2, 's2'),
      ];
      await signal('go', 3, 's3');
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([
        ['a', 's1'],
        ['b', 's2'],
        ['c', 's3'],
      ]);
      // The command's own event is counted, whatever else shared its append.
      expect(counts).toEqual([1, 0, 1, 1]);
    });

    it('gives each of several waits one signal of the name they share, in the order in which they asked', async () => {
      await start(
        'steps: {a: {wait: {signal: go}}, b: {forEach: {items: [1, 2]}, wait: {signal: go}}}'.replace('[1, 2]', '"${{ [1, 2] }}"'),
      );
      await engine.until('SignalAwaited', 'r1', 3);
      for (const id of ['s1', 's2', 's3']) expect(await signal('go', id, id)).toBe(1);
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([
        ['a', 's1'],
        ['b[0]', 's2'],
        ['b[1]', 's3'],
      ]);
    });

    it('leaves to others what its condition does not want, and asks of each signal once', async () => {
      await start(
        `inputs: {type: object}
steps:
  each:
    forEach: {items: "\${{ inputs.orders }}"}
    wait: {signal: paid, where: "\${{ signal.order = item }}"}`,
        { orders: ['x', 'y'] },
      );
      await engine.until('SignalAwaited', 'r1', 2);
      await signal('paid', { order: 'z' }, 's1');
      await signal('paid', { order: 'y' }, 's2');
      await engine.until('SignalsPassed', 'r1', 2);
      await restart();
      await settle();
      const passed = (await typesOf()).filter((type) => type === 'SignalsPassed').length;
      await signal('paid', { order: 'x' }, 's3');
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([
        ['each[1]', 's2'],
        ['each[0]', 's3'],
      ]);
      expect((await typesOf()).filter((type) => type === 'SignalsPassed')).toHaveLength(passed);
    });

    it('fails with TIMED_OUT when none comes in time, after a crash as well', async () => {
      await start(WAIT);
      await engine.until('SignalAwaited');
      await restart();
      await engine.runtime.advance(60 * MINUTE);
      const { data } = await engine.until('TaskAttemptFailed');
      expect(data).toMatchObject({
        cause: 'timeout',
        error: { code: 'TIMED_OUT', message: expect.stringContaining('no signal "approve" came') },
      });
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'TIMED_OUT' } });
    });

    it('is given no signal once it has ended, but hears of one that it knows', async () => {
      await start('steps: {ok: {wait: {signal: approve}}}');
      await engine.until('SignalAwaited');
      await signal('approve', 1, 's1');
      await engine.until('RunSucceeded');
      await expect(signal('approve', 2, 's2')).rejects.toMatchObject({ code: 'RUN_ENDED' });
      expect(await signal('approve', 1, 's1')).toBe(0);
    });

    it('waits anew when a gate sends the step back', async () => {
      await start(`
steps:
  ok:
    wait: {signal: approve}
    gates: [{name: big, type: expression, expression: "\${{ output > 1 }}", onFail: {action: retry, maxAttempts: 2}}]`);
      await engine.until('SignalAwaited');
      await signal('approve', 1, 's1');
      await engine.until('SignalAwaited', 'r1', 2);
      await restart();
      await signal('approve', 2, 's2');
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([
        ['ok', 's1'],
        ['ok', 's2'],
      ]);
    });
  });

  describe('for an event', () => {
    const WAIT =
      'inputs: {type: object}\nsteps: {paid: {wait: {event: paid, source: shop, where: "${{ event.data.order = inputs.order }}"}, timeout: 1h}}';

    it('goes on with what the event carries; the same event is for every run that waits for it', async () => {
      await start(WAIT, { order: 'x' });
      await engine.start('wf', { order: 'x' }, 'r2');
      await engine.until('EventAwaited');
      await engine.until('EventAwaited', 'r2');
      await publish('e1', { order: 'other' });
      await publish('e2', { order: 'x' }, 'elsewhere');
      await publish('e3', { order: 'x', sum: 3 });
      await Promise.all(['r1', 'r2'].map((run) => engine.until('RunSucceeded', run)));
      expect(await taken()).toEqual([['paid', 'e3']]);
      const succeeded = await engine.until('TaskSucceeded', 'r2');
      expect(succeeded.data).toMatchObject({ takenFrom: 'e3', output: { inline: { order: 'x', sum: 3 } } });
    });

    it('finds what came while the coordinator was down', async () => {
      await start(WAIT, { order: 'x' });
      await engine.until('EventAwaited');
      await engine.crash();
      await publish('e1', { order: 'x' });
      await engine.boot('w1', AGENTS);
      await engine.owner.recover('r1');
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([['paid', 'e1']]);
    });

    it('does not take what came before it waited, and times out', async () => {
      await start('inputs: {type: object}\nsteps: {nap: {sleep: 1m}, paid: {needs: nap, wait: {event: paid}, timeout: 1m}}');
      await engine.until('TimerStarted');
      await publish('e1', {});
      await engine.runtime.advance(MINUTE);
      await engine.until('EventAwaited');
      await engine.runtime.advance(MINUTE);
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'TIMED_OUT' } });
    });

    it('waits for what Tutti records, and for another event in each repetition', async () => {
      await start('steps: {paid: {wait: {event: paid}, repeat: {until: "${{ output.last }}"}}}');
      await engine.until('EventAwaited');
      await publish('e1', { last: false });
      await engine.until('EventAwaited', 'r1', 2);
      await publish('e2', { last: true });
      await engine.until('RunSucceeded');
      expect(await taken()).toEqual([
        ['paid', 'e1'],
        ['paid~2', 'e2'],
      ]);
    });

    it('takes what a run has recorded since, not what its own has before', async () => {
      await start('steps: {other: {wait: {event: RunStarted}}}');
      await engine.until('EventAwaited');
      await engine.crash();
      await engine.boot('w1', AGENTS);
      await engine.owner.recover('r1');
      await engine.start('wf', {}, 'r2');
      await engine.until('RunSucceeded');
      const { data } = await engine.until('TaskSucceeded');
      expect(data).toMatchObject({ output: { inline: { runId: 'r2' } } });
    });

    it('fails the step when what it asks of an event cannot be evaluated', async () => {
      await start('steps: {paid: {wait: {event: paid, where: "${{ event.data.sum - 1 }}"}}}');
      await engine.until('EventAwaited');
      await publish('e1', { sum: 'much' });
      expect((await engine.until('RunFailed')).data).toMatchObject({ error: { code: 'EXPRESSION_FAILED' } });
    });
  });
});
