import { afterEach, describe, expect, it } from '@jest/globals';
import { inboxEvents } from '@tutti/contracts';
import { eventMetadata, newEvent } from '@tutti/kernel';
import { agent, startEngine, type Engine } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work'])];
const HOUR = 3_600_000;
const SCHEMA = 'output: {type: object, required: [n], properties: {n: {type: number}}}';
const FAILED = { error: { code: 'OUTPUT_INVALID', message: expect.stringContaining("must have required property 'n'") }, step: 'a' };

describe('what comes of work that no agent does', () => {
  let engine: Engine;
  afterEach(() => engine.close());
  const start = async (steps: string): Promise<void> => {
    engine = await startEngine(`name: wf\n${steps}`, (work) => work.input ?? {}, AGENTS);
    await engine.start('wf', {});
  };

  describe('is held against the schema of its step:', () => {
    it('what was set', async () => {
      await start(`steps: {a: {set: {m: 1}, ${SCHEMA}}}`);
      expect((await engine.until('RunFailed')).data).toMatchObject(FAILED);
      expect((await engine.events()).map(({ type }) => type)).not.toContain('VariablesSet');
    });

    it.each(['wait: {signal: go}', 'wait: {signal: go, where: "${{ true }}"}'])('a signal, of %s', async (wait) => {
      await start(`steps: {a: {${wait}, ${SCHEMA}}}\noutputs: {n: "\${{ steps.a.output.n }}"}`);
      await engine.until('SignalAwaited');
      const signal = (signalId: string, value: object) =>
        engine.owner.send('r1', { type: 'SignalRun', signalId, name: 'go', payload: { inline: { ...value } }, actor: 'user:ann' });
      await signal('s1', { m: 1 });
      expect((await engine.until('RunFailed')).data).toMatchObject(FAILED);
    });

    it('an event', async () => {
      await start(`steps: {a: {wait: {event: paid}, ${SCHEMA}}}`);
      await engine.until('EventAwaited');
      const data = { source: 'shop', eventId: 'e1', eventType: 'paid', subject: null, occurredAt: null, receivedFrom: 'api' };
      const metadata = eventMetadata({ correlationId: 'e1', actor: 'user:test' });
      const event = newEvent(engine.runtime.ids.next(), inboxEvents.EventReceived, { ...data, data: { inline: { m: 1 } } }, metadata);
      await engine.store.append('inbox-shop', [event], 'any');
      expect((await engine.until('RunFailed')).data).toMatchObject(FAILED);
    });

    it('and goes on where it matches', async () => {
      await start(`steps: {a: {set: {n: 1}, ${SCHEMA}}, b: {needs: a, wait: {signal: go}, ${SCHEMA}}}`);
      await engine.until('SignalAwaited');
      await engine.owner.send('r1', { type: 'SignalRun', signalId: 's1', name: 'go', payload: { inline: { n: 1 } }, actor: 'user:ann' });
      await engine.until('RunSucceeded');
    });
  });

  describe('takes time, which a gate can be about:', () => {
    const GATE = 'gates: [{name: quick, type: metric, metric: step.duration, max: 5400}]';

    it('of one task', async () => {
      await start(`steps: {a: {sleep: 2h, ${GATE}}}`);
      await engine.until('TimerStarted');
      await engine.runtime.advance(2 * HOUR);
      expect((await engine.until('RunFailed')).data).toMatchObject({
        error: { message: expect.stringContaining('step.duration is 7200; expected at most 5400') },
      });
    });

    it('of a list, all its tasks together; of another visit, that one alone', async () => {
      const onFail = 'onFail: {action: goto, step: a}';
      const gate = GATE.replace('max: 5400', `max: 5400, ${onFail}`);
      await start(`steps: {a: {forEach: {items: "\${{ [1..2] }}"}, sleep: 1h, ${gate}}}`);
      for (const visit of [1, 2]) {
        await engine.until('TimerStarted', 'r1', 2 * visit);
        await engine.runtime.advance(HOUR);
      }
      const { data } = await engine.until('RunFailed');
      expect(data).toMatchObject({ error: { message: expect.stringContaining('step.duration is 7200') } });
    });
  });
});
