import { describe, expect, it } from '@jest/globals';
import { aiAgent, type AiAgentClass } from '@tutti/agent-sdk/ai';
import { defineCapability, expr, workflow } from '@tutti/workflow-sdk';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';
import { createTestKit } from './index.js';

const write = defineCapability('text.write', { input: z.object({ about: z.string() }), output: z.object({ text: z.string() }) });
const written = workflow('written', { inputs: z.object({ about: z.string() }) })
  .step('write', {
    capability: write,
    with: ({ inputs }) => ({ about: inputs.about }),
    gates: [
      {
        ...{ name: 'long-enough', type: 'expression', message: 'say more' },
        expression: ({ output }) => expr<boolean>`$length(${output.text}) > 5`,
        onFail: { action: 'retry', maxAttempts: 2 },
      },
    ],
  })
  .outputs(({ steps }) => ({ text: steps.write.output.text }));

function writer(...texts: readonly string[]): { readonly model: MockLanguageModelV4; readonly agent: AiAgentClass } {
  let calls = 0;
  const model = new MockLanguageModelV4({
    doGenerate: async () => ({
      content: [{ type: 'text', text: JSON.stringify({ text: texts[Math.min(calls++, texts.length - 1)] }) }],
      finishReason: { unified: 'stop', raw: undefined },
      usage: {
        inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 5, text: 5, reasoning: 0 },
      },
      warnings: [],
    }),
  });
  return { model, agent: aiAgent({ name: 'writer', capability: write, model, instructions: 'You write.' }) };
}

describe('an agent that asks a model, in a workflow', () => {
  it('is not asked again after a crash, once it has answered', async () => {
    const { model, agent } = writer('a long answer', 'another one');
    const kit = await createTestKit({ workflows: [written], agents: { 'text.write': agent } });
    const run = await kit.start(written, { about: 'rain' });
    await kit.until(() => kit.events.some(({ type }) => type === 'TaskStepSucceeded'));
    await kit.crash();
    await expect(run.outputs()).resolves.toEqual({ text: 'a long answer' });
    expect(run.calls('text.write').map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(model.doGenerateCalls).toHaveLength(1);
  });

  it('leaves the tokens that it used in the log', async () => {
    const kit = await createTestKit({ workflows: [written], agents: { 'text.write': writer('a long answer').agent } });
    await (await kit.start(written, { about: 'rain' })).outputs();
    const steps = kit.events.filter(({ type }) => type === 'TaskStepSucceeded');
    expect(steps.map(({ data }) => data['usage'])).toMatchObject([{ inputTokens: 12, outputTokens: 5 }]);
  });

  it('hears of the gate that refused its answer', async () => {
    const { model, agent } = writer('short', 'a long answer');
    const kit = await createTestKit({ workflows: [written], agents: { 'text.write': agent } });
    await expect((await kit.start(written, { about: 'rain' })).outputs()).resolves.toEqual({ text: 'a long answer' });
    const text = expect.stringContaining('long-enough: say more') as unknown;
    expect(model.doGenerateCalls[1]?.prompt).toMatchObject([{ role: 'system' }, { content: [{ text }] }]);
  });
});
