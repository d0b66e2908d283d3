import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createCalls } from '../calls.js';
import { TuttiClientError } from '../client-error.js';
import type { Transport } from '../transport.port.js';
import type { InputsOf, OutputsOf, TypedWorkflow } from '../typed-workflow.js';
import { createRuns } from './runs.js';

const SQUARE: TypedWorkflow<{ readonly side: number }, { readonly area: number }> = { name: 'square', document: {} };
const RETRY = { tries: 5, limitMs: 60_000, firstWaitMs: 100, longestWaitMs: 1_000 };
const gone = new TuttiClientError('UNREACHABLE', 'gone', { retryable: true });

/** A transport that fails so often before it answers, and remembers what was asked. */
function runsBehind(faults: number, answer: unknown = { runId: 'r-1', position: 3, workflowVersion: 1, created: true }) {
  const runtime = createManualRuntime();
  const asked: { readonly name: string; readonly request: unknown }[] = [];
  const transport: Transport = {
    async call(name, request) {
      asked.push({ name, request });
      if (asked.length <= faults) throw gone;
      return answer;
    },
    follow: () => Promise.reject(gone),
    close: () => {},
  };
  return { runs: createRuns(createCalls(transport, runtime, RETRY, 60_000)), asked, runtime };
}

describe('starting a run', () => {
  it('carries one key through every try, and another for the next start', async () => {
    const { runs, asked, runtime } = runsBehind(2);
    const started = runs.start(SQUARE, { side: 7 });
    await runtime.advance(5_000);
    expect((await started).id).toBe('r-1');
    await runs.start(SQUARE, { side: 7 });
    const keys = asked.map(({ request }) => (request as { readonly idempotencyKey: string }).idempotencyKey);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
    expect(asked[0]?.request).toEqual({ workflow: 'square', workflowVersion: 0, inputs: { side: 7 }, labels: {}, idempotencyKey: keys[0] });
  });

  it('takes the caller’s key', async () => {
    const { runs, asked } = runsBehind(0);
    await runs.start('square', {}, { idempotencyKey: 'mine', version: 2, labels: { team: 'core' } });
    expect(asked[0]?.request).toMatchObject({ idempotencyKey: 'mine', workflowVersion: 2, labels: { team: 'core' } });
  });

  it('says which part of an answer it cannot read', async () => {
    const { runs } = runsBehind(0, { position: 3 });
    await expect(runs.start('square')).rejects.toMatchObject({ code: 'ANSWER_UNREADABLE', message: expect.stringContaining('runId') });
  });

  // The compiler is the test: this file is part of the project that it checks.
  it('takes only inputs of the workflow’s type, and gives outputs of its type', async () => {
    const { runs } = runsBehind(0);
    const inputs: InputsOf<typeof SQUARE> = { side: 1 };
    const run = await runs.start(SQUARE, inputs);
    const result = (): Promise<OutputsOf<typeof SQUARE>> => run.result();
    // @ts-expect-error: the side is a number
    await runs.start(SQUARE, { side: '7' });
    // @ts-expect-error: the side is missing
    await runs.start(SQUARE, {});
    // @ts-expect-error: there is no such input
    await runs.start(SQUARE, { side: 7, depth: 2 });
    // @ts-expect-error: inputs are an object
    await runs.start('square', 7);
    const wrong = async (): Promise<string> => {
      const { area } = await result();
      // @ts-expect-error: the area is a number
      return area;
    };
    const untyped = await runs.start('square', { anything: true });
    // @ts-expect-error: nobody knows what a workflow that is only named gives
    const unknownResult = async (): Promise<string> => untyped.result();
    expect([wrong, unknownResult]).toHaveLength(2);
  });
});
