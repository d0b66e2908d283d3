import type { StepUsage } from '@tutti/agent-sdk';
import type { Span, Tracer } from '@tutti/service-kit';

/**
 * Does a step's work in a span of its own. What it says of the model that it asked makes it a model's call, by OpenTelemetry's conventions for generative AI: its tokens, never
 * what was asked or answered.
 */
export function traceStep<Result>(
  tracer: Tracer,
  { name, occurrence }: { readonly name: string; readonly occurrence: number },
  work: (heed: (usage: StepUsage) => void) => Promise<Result>,
): Promise<Result> {
  const attributes = { 'tutti.journal.step': name, 'tutti.journal.occurrence': occurrence };
  return tracer.inSpan({ name: 'task step', attributes }, (span) => work((usage) => describeCall(span, usage)));
}

function describeCall(span: Span, { model, inputTokens, outputTokens, costUsd }: StepUsage): void {
  span.set({
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'tutti.cost_usd': costUsd,
    'gen_ai.response.model': model,
    ...(model === undefined ? {} : { 'gen_ai.operation.name': 'chat' }),
  });
  if (model !== undefined) span.rename(`chat ${model}`);
}
