import { describe, expect, it } from '@jest/globals';
import { APICallError } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';
import type { AgentContext, AgentTask, JsonValue, StepUsage } from '../index.js';
import { aiAgent, type AiAgentClass } from './index.js';

const usage = {
  inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const answering = (...texts: readonly string[]): MockLanguageModelV4 => {
  let calls = 0;
  return new MockLanguageModelV4({
    modelId: 'mock-1',
    doGenerate: async () => ({
      content: [{ type: 'text', text: texts[Math.min(calls++, texts.length - 1)] ?? '' }],
      finishReason: { unified: 'stop', raw: undefined },
      usage,
      warnings: [],
      response: { modelId: 'mock-1-served' },
    }),
  });
};

const task = (input: JsonValue, members: Partial<AgentTask> = {}): AgentTask => ({
  ...{ taskId: 't', runId: 'r', step: 's', capability: 'text.review', attempt: 1, input, feedback: [], idempotencyKey: 'k' },
  ...members,
});

/** Runs the agent with a journal that is kept over attempts. */
function journal() {
  const steps = new Map<string, JsonValue>();
  const usages: StepUsage[] = [];
  const context = {
    step: async (name: string, work: (call: unknown) => Promise<JsonValue>) => {
      const known = steps.get(name);
      if (known !== undefined) return known;
      const call = { signal: new AbortController().signal, usage: (used: StepUsage) => usages.push(used) };
      const value = await work(call);
      steps.set(name, value);
      return value;
    },
  } as unknown as AgentContext;
  return { usages, run: (agent: AiAgentClass, given: AgentTask) => new agent().processTask(given, context) };
}

const input = z.object({ text: z.string() });
const output = z.object({ good: z.boolean() });
const reviewer = (model: MockLanguageModelV4): AiAgentClass =>
  aiAgent({
    ...{ name: 'reviewer', capability: 'text.review', model, input, output },
    instructions: 'You review texts.',
    prompt: ({ text }) => `Review this: ${text}`,
    settings: { temperature: 0.2 },
    cost: ({ totalTokens = 0 }) => totalTokens / 1_000,
  });

describe('an agent that asks a model', () => {
  it('asks with its instructions and prompt, and answers by its schema', async () => {
    const model = answering('{"good":true}');
    await expect(journal().run(reviewer(model), task({ text: 'hello' }))).resolves.toEqual({ good: true });
    const [call] = model.doGenerateCalls;
    expect(call?.temperature).toBe(0.2);
    expect(call?.prompt).toMatchObject([
      { role: 'system', content: 'You review texts.' },
      { role: 'user', content: [{ type: 'text', text: 'Review this: hello' }] },
    ]);
    expect(call?.responseFormat).toMatchObject({ type: 'json', schema: { required: ['good'] } });
  });

  it('says who it is, for whoever writes its file', () => {
    const { agentName, capabilities } = reviewer(answering(''));
    expect([agentName, capabilities]).toEqual(['reviewer', ['text.review']]);
  });

  it('answers with the model’s text when no schema says otherwise, to the input as JSON', async () => {
    const model = answering('a poem');
    const poet = aiAgent({
      name: 'poet',
      capability: 'text.poem',
      model: () => model,
      instructions: (on) => `Write about ${JSON.stringify(on)}`,
    });
    await expect(journal().run(poet, task({ on: 'rain' }))).resolves.toBe('a poem');
    expect(model.doGenerateCalls[0]?.prompt).toMatchObject([
      { content: 'Write about {"on":"rain"}' },
      { content: [{ text: '{\n  "on": "rain"\n}' }] },
    ]);
  });

  it('keeps the tokens, the model that answered and the cost with the step', async () => {
    const { usages, run } = journal();
    await run(reviewer(answering('{"good":true}')), task({ text: 'hello' }));
    expect(usages).toEqual([{ model: 'mock-1-served', inputTokens: 12, outputTokens: 5, costUsd: 0.017 }]);
  });

  it('does not ask again what an earlier attempt was answered', async () => {
    const model = answering('{"good":true}', '{"good":false}');
    const { run } = journal();
    await run(reviewer(model), task({ text: 'hello' }));
    await expect(run(reviewer(model), task({ text: 'hello' }, { attempt: 2 }))).resolves.toEqual({ good: true });
    expect(model.doGenerateCalls).toHaveLength(1);
  });

  it('asks anew, and says why, when a gate has refused its answer', async () => {
    const model = answering('{"good":true}', '{"good":false}');
    const { run } = journal();
    await run(reviewer(model), task({ text: 'hello' }));
    const feedback = [{ gate: 'strict', message: 'look closer', evidence: { missed: 2 } }];
    await expect(run(reviewer(model), task({ text: 'hello' }, { attempt: 2, feedback }))).resolves.toEqual({ good: false });
    const text = expect.stringContaining('- strict: look closer ({"missed":2})') as unknown;
    expect(model.doGenerateCalls[1]?.prompt).toMatchObject([{ role: 'system' }, { content: [{ text }] }]);
  });

  it('refuses an input that is none, for good, before it asks', async () => {
    const model = answering('{}');
    await expect(journal().run(reviewer(model), task({ text: 5 }))).rejects.toMatchObject({
      ...{ code: 'INPUT_INVALID', retryable: false },
      message: expect.stringContaining('text: ') as unknown,
    });
    expect(model.doGenerateCalls).toHaveLength(0);
  });

  it.each(['{"good":"perhaps"}', 'no JSON', ''])('fails with what the model said when it does not match: %p', async (said) => {
    const { usages, run } = journal();
    await expect(run(reviewer(answering(said)), task({ text: 'hello' }))).rejects.toMatchObject({
      ...{ code: 'MODEL_OUTPUT_INVALID', retryable: true },
      details: { text: said, finishReason: 'stop' },
    });
    expect(usages).toHaveLength(1);
  });

  it.each([
    [429, true],
    [401, false],
  ])('fails as the provider says whether it may be tried again: %d', async (statusCode, retryable) => {
    const model = new MockLanguageModelV4({
      doGenerate: () =>
        Promise.reject(new APICallError({ message: 'refused', url: '', requestBodyValues: {}, statusCode, isRetryable: retryable })),
    });
    await expect(journal().run(reviewer(model), task({ text: 'hello' }))).rejects.toMatchObject({
      ...{ code: 'MODEL_CALL_FAILED', retryable },
      details: { status: statusCode },
    });
    expect(model.doGenerateCalls).toHaveLength(1);
  });

  it('passes on what fails otherwise, as it is', async () => {
    const model = new MockLanguageModelV4({ doGenerate: () => Promise.reject(new Error('the provider broke')) });
    await expect(journal().run(reviewer(model), task({ text: 'hello' }))).rejects.toThrow('the provider broke');
  });
});
