import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger, type Logger } from '@tutti/service-kit';
import { ProductionConnections } from './production-connections.js';

describe('connections to the backends of production', () => {
  let runtime: ManualRuntime;
  let faults: Record<string, string | null>;
  let lines: string[];
  let first: PromiseWithResolvers<void>;
  let connections: ProductionConnections;
  beforeEach(() => {
    runtime = createManualRuntime();
    faults = { 'the event store': 'not yet', Kafka: 'not yet' };
    lines = [];
    first = Promise.withResolvers();
    const note = (message: string): void => void lines.push(message);
    const logger: Logger = { ...silentLogger, info: note, warn: note };
    const watched = Object.keys(faults).map((name) => ({ name, fault: () => faults[name] ?? null }));
    connections = new ProductionConnections({ watched, first: first.promise, place: 'somewhere', runtime, logger });
  });

  it('are away until they were reached, then there', async () => {
    let changes = 0;
    connections.onChange(() => (changes += 1));
    expect(connections.away).toEqual(['the event store', 'Kafka']);
    faults = { 'the event store': null, Kafka: null };
    first.resolve();
    expect(await connections.connected()).toBe(true);
    expect([connections.away, changes, lines]).toEqual([[], 1, ['the event store is there', 'Kafka is there']]);
  });

  it('say once what is still waited for some seconds after the start', async () => {
    faults['Kafka'] = null;
    await runtime.advance(2_000);
    expect(lines).toEqual(['Kafka is there']);
    await runtime.advance(10_000);
    faults['the event store'] = null;
    await runtime.advance(250);
    expect(lines).toEqual(['Kafka is there', 'the event store is not there yet; it is waited for', 'the event store is there']);
  });

  it('say once when one goes and once when it is back', async () => {
    faults = { 'the event store': null, Kafka: null };
    await runtime.advance(250);
    lines = [];
    faults['Kafka'] = 'refused';
    await runtime.advance(5_000);
    expect(connections.away).toEqual(['Kafka']);
    faults['Kafka'] = null;
    await runtime.advance(5_000);
    expect(lines).toEqual(['Kafka is away; what needs it waits', 'Kafka is there']);
  });

  it('say that they never were there to whoever waits when they are closed', async () => {
    const waited = connections.connected();
    connections.close();
    expect(await waited).toBe(false);
  });

  it('tell what waiting does not mend', async () => {
    first.reject(new TuttiError('INVALID_CONFIG', 'another password'));
    await expect(connections.connected()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
