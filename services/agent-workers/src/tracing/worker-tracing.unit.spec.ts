import { describe, expect, it } from '@jest/globals';
import type { TaskChannel } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { recordTracing } from '@tutti/service-kit/testing';
import type { ProgramSpec, ProgramStarter } from '../command-agent/program.port.js';
import { traceStep } from './step-span.js';
import { traceProgramStarter } from './traced-programs.js';
import { traceTaskChannel } from './traced-task-channel.js';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ATTEMPT = { runId: 'r1', task: 't', attempt: 1 };

function channel(overrides: Partial<TaskChannel>): TaskChannel {
  const unexpected = () => Promise.reject(new Error('not asked for'));
  return {
    announce: unexpected,
    beat: unexpected,
    drain: unexpected,
    depart: unexpected,
    claim: unexpected,
    report: unexpected,
    ...overrides,
  };
}

describe('a traced task channel', () => {
  it('makes spans of claims and reports in the attempt’s trace, with what they came to', async () => {
    const { tracer, spans } = recordTracing();
    const given = channel({ claim: () => Promise.resolve({ verdict: 'elsewhere' }), report: () => Promise.resolve() });
    const traced = traceTaskChannel(given, tracer);
    await tracer.within(CALLER, async () => {
      expect(await traced.claim('w1', ATTEMPT)).toEqual({ verdict: 'elsewhere' });
      const error = { code: 'X', message: '', retryable: false };
      await traced.report('w1', ATTEMPT, { outcome: 'failed', error, durationMs: 1 });
    });
    expect(
      spans().map(({ name, kind, parentId, attributes }) => [
        name,
        kind,
        parentId,
        attributes['tutti.verdict'] ?? attributes['tutti.outcome'],
      ]),
    ).toEqual([
      ['claim task', 'client', 'b7ad6b7169203331', 'elsewhere'],
      ['report task', 'client', 'b7ad6b7169203331', 'failed'],
    ]);
  });

  it('marks a claim that failed with the code', async () => {
    const { tracer, spans } = recordTracing();
    const error = new TuttiError('SHUTTING_DOWN', 'gone');
    await expect(traceTaskChannel(channel({ claim: () => Promise.reject(error) }), tracer).claim('w1', ATTEMPT)).rejects.toBe(error);
    expect(spans()).toMatchObject([{ failed: true, attributes: { 'error.type': 'SHUTTING_DOWN' } }]);
  });
});

describe('a traced step', () => {
  it('is a call of a model where it says that it asked one, with what it used', async () => {
    const { tracer, spans } = recordTracing();
    const said = await traceStep(tracer, { name: 'ask', occurrence: 2 }, async (heed) => {
      heed({ model: 'm-1', inputTokens: 3, outputTokens: 5, costUsd: 0.25 });
      return 'what it said';
    });
    expect(said).toBe('what it said');
    expect(spans()).toMatchObject([
      { name: 'chat m-1', attributes: { 'gen_ai.usage.input_tokens': 3, 'tutti.cost_usd': 0.25, 'tutti.journal.occurrence': 2 } },
    ]);
    expect(JSON.stringify(spans())).not.toContain('what it said');
  });

  it('is a step of the task otherwise', async () => {
    const { tracer, spans } = recordTracing();
    await traceStep(tracer, { name: 'pay', occurrence: 1 }, async (heed) => heed({ costUsd: 1 }));
    expect(spans()).toMatchObject([{ name: 'task step', attributes: { 'tutti.journal.step': 'pay' } }]);
  });
});

describe('programs', () => {
  it('find their trace in the environment, beside what is there, and none outside of one', () => {
    const { tracer } = recordTracing();
    const environments: ProgramSpec['env'][] = [];
    const starter: ProgramStarter = {
      start: ({ env }) => {
        environments.push(env);
        return { ended: Promise.resolve({ how: 'exited', code: 0 }), end: () => undefined };
      },
    };
    const traced = traceProgramStarter(starter, tracer);
    const spec: ProgramSpec = { command: ['x'], cwd: '/', env: { PATH: '/bin' }, input: '' };
    const listener = { onStdout: () => undefined, onStderr: () => undefined };
    traced.start(spec, listener);
    tracer.within(CALLER, () => traced.start(spec, listener));
    expect(environments).toEqual([{ PATH: '/bin' }, { PATH: '/bin', TRACEPARENT: CALLER }]);
  });
});
