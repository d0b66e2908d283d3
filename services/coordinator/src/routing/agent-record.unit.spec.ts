import { describe, expect, it } from '@jest/globals';
import { AgentRecord } from './agent-record.js';

const MINUTE = 60_000;
const took = (durationMs: number) => ({ kind: 'succeeded', durationMs }) as const;
const failed = { kind: 'failed', cause: 'error', retried: false } as const;

describe('AgentRecord', () => {
  const record = (): AgentRecord => new AgentRecord('a', { failures: 0, coolDownMs: 1 });

  it('knows nothing of an agent that was never tried, and holds nothing against it', () => {
    expect([record().averageMs(0), record().failureShare(0)]).toEqual(['untried', 0]);
  });

  it('averages what succeeded', () => {
    const agent = record();
    for (const end of [took(100), took(300), failed]) agent.note(end, 0);
    expect(agent.averageMs(0)).toBe(200);
  });

  it('gives what is ten minutes old half the weight', () => {
    const agent = record();
    agent.note(took(100), 0);
    agent.note(took(400), 10 * MINUTE);
    expect(agent.averageMs(10 * MINUTE)).toBeCloseTo(300);
  });

  it('forgets in the end, so that the agent is tried again', () => {
    const agent = record();
    agent.note(took(9_000), 0);
    expect([agent.averageMs(30 * MINUTE), agent.averageMs(40 * MINUTE)]).toEqual([9_000, 'untried']);
  });

  it('tells an agent of which nothing succeeded from one that is fast', () => {
    const agent = record();
    agent.note(failed, 0);
    expect(agent.averageMs(0)).toBe('never');
  });

  it('tells the part that failed, the more surely the more was seen', () => {
    const [once, often] = [record(), record()];
    once.note(failed, 0);
    for (let attempt = 0; attempt < 20; attempt++) often.note(failed, 0);
    expect(once.failureShare(0)).toBe(0.5);
    expect(often.failureShare(0)).toBeGreaterThan(0.9);
  });
});
