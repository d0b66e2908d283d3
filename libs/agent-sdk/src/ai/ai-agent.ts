import type { StandardJSONSchemaV1, StandardSchemaV1, StandardTypedV1 } from '@standard-schema/spec';
import type { JsonValue } from '@tutti/kernel';
import {
  APICallError,
  generateText,
  jsonSchema,
  NoObjectGeneratedError,
  Output,
  type FlexibleSchema,
  type LanguageModel,
  type LanguageModelUsage,
} from 'ai';
import { AgentFailure } from '../agent-failure.js';
import { Agent, type AgentContext, type AgentTask, type GateFeedback } from '../agent.js';
import type { StepCall } from '../step.js';

/** Any Standard Schema. One without `validate` only tells the model what is wanted. */
interface Schema<T> {
  readonly '~standard': StandardTypedV1.Props<unknown, T>;
}

/** A capability by its name, or a typed one as `defineCapability` of `@tutti/workflow-sdk` makes it. */
type CapabilityOf<In, Out> =
  string | { readonly name: string; readonly input: Schema<In> | undefined; readonly output: Schema<Out> | undefined };

/** What else the model is told how to do: as `generateText` of `ai` takes it. */
export interface ModelSettings {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  /** Tries of one call within an attempt, with growing waits. Default 0: the step's `retry` decides, and survives a crash. */
  readonly maxRetries?: number;
  readonly headers?: Record<string, string>;
  readonly providerOptions?: NonNullable<Parameters<typeof generateText>[0]['providerOptions']>;
}

export interface AiAgentOptions<In, Out> {
  readonly name: string;
  readonly capability: CapabilityOf<In, Out>;
  /** A model of a provider of the AI SDK. A function is asked once for each attempt, so that a key is read late. */
  readonly model: LanguageModel | (() => LanguageModel);
  readonly instructions: string | ((input: In, task: AgentTask) => string);
  /** What the model is asked. Default: the input as JSON. */
  readonly prompt?: (input: In, task: AgentTask) => string;
  /** What the task's input must be, by any Standard Schema. Default: that of a typed capability; then anything. */
  readonly input?: Schema<In>;
  /** What the model has to answer. Default: that of a typed capability; then its text. */
  readonly output?: Schema<Out>;
  readonly settings?: ModelSettings;
  /** What a call costs, in US dollars. */
  readonly cost?: (usage: LanguageModelUsage) => number;
}

/** A class of agents, as agent files name it. */
export interface AiAgentClass {
  new (): Agent;
  readonly agentName: string;
  readonly capabilities: readonly string[];
}

/**
 * An agent that asks a language model. The call is a step of the task's journal, with the tokens it used: once it has ended it is not paid for again, whatever
 * crashes. When a gate sent the result before back, the model is told why, and asked anew.
 *
 * Its attempts fail with INPUT_INVALID, MODEL_OUTPUT_INVALID (another attempt may do better) or MODEL_CALL_FAILED (as the provider says whether it makes sense to try again).
 */
export function aiAgent<In = JsonValue, Out = string>(options: AiAgentOptions<In, Out>): AiAgentClass {
  const { capability } = options;
  const typed = typeof capability === 'string' ? { name: capability, input: undefined, output: undefined } : capability;
  const [inputSchema, outputSchema] = [options.input ?? typed.input, options.output ?? typed.output];
  return class extends Agent {
    static readonly agentName = options.name;
    static readonly capabilities = [typed.name];

    override async processTask(task: AgentTask, context: AgentContext): Promise<JsonValue> {
      const input = (await checked(inputSchema, task.input)) as In;
      const { instructions, prompt = asJson, settings, cost } = options;
      const call = {
        instructions: typeof instructions === 'string' ? instructions : instructions(input, task),
        prompt: [prompt(input, task), ...objections(task.feedback)].join('\n\n'),
      };
      // Asked anew for each objection, also where the journal is kept.
      const step = task.feedback.length === 0 ? 'model' : `model after ${task.feedback.length} objections`;
      const ask = (stepCall: StepCall): Promise<JsonValue> =>
        generate(modelOf(options.model), { ...call, settings, cost }, outputSchema, stepCall);
      return context.step(step, ask, { sideEffect: 'pure' });
    }
  };
}

interface ModelCall {
  readonly instructions: string;
  readonly prompt: string;
  readonly settings: ModelSettings | undefined;
  readonly cost: ((usage: LanguageModelUsage) => number) | undefined;
}

async function generate(model: LanguageModel, call: ModelCall, schema: Schema<unknown> | undefined, step: StepCall): Promise<JsonValue> {
  const { instructions, prompt, settings, cost } = call;
  const used = (usage: LanguageModelUsage | undefined, modelId: string | undefined): void => {
    if (usage === undefined) return;
    const { inputTokens, outputTokens } = usage;
    step.usage({
      ...(modelId === undefined ? {} : { model: modelId }),
      ...(inputTokens === undefined ? {} : { inputTokens }),
      ...(outputTokens === undefined ? {} : { outputTokens }),
      ...(cost === undefined ? {} : { costUsd: cost(usage) }),
    });
  };
  const request = { maxRetries: 0, ...settings, model, instructions, prompt, abortSignal: step.signal };
  try {
    if (schema === undefined) {
      const { text, totalUsage, response } = await generateText(request);
      used(totalUsage, response.modelId);
      return text;
    }
    const { output, totalUsage, response } = await generateText({
      ...request,
      output: Output.object({ schema: forModel(schema) }),
    });
    used(totalUsage, response.modelId);
    return output;
  } catch (error) {
    if (NoObjectGeneratedError.isInstance(error)) {
      used(error.usage, error.response?.modelId);
      const details = { finishReason: error.finishReason ?? 'unknown', text: (error.text ?? '').slice(0, 2_000) };
      throw new AgentFailure('MODEL_OUTPUT_INVALID', `the model’s answer is not what was asked for: ${reasonOf(error)}`, {
        retryable: true,
        details,
      });
    }
    if (APICallError.isInstance(error)) {
      const details = { status: error.statusCode ?? null };
      throw new AgentFailure('MODEL_CALL_FAILED', error.message, { retryable: error.isRetryable, details, noEffect: true });
    }
    throw error;
  }
}

/** @throws AgentFailure INPUT_INVALID with every problem */
async function checked(schema: Schema<unknown> | undefined, value: JsonValue): Promise<unknown> {
  if (schema === undefined) return value;
  const { validate } = schema['~standard'] as Partial<StandardSchemaV1.Props>;
  if (validate === undefined) return value;
  const result = await validate(value);
  if (result.issues === undefined) return result.value;
  const problems = result.issues.map(({ message, path = [] }) => {
    const at = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return at === '' ? message : `${at}: ${message}`;
  });
  throw new AgentFailure('INPUT_INVALID', `the input is not what the agent takes: ${problems.join('; ')}`, { details: { problems } });
}

function objections(feedback: readonly GateFeedback[]): readonly string[] {
  if (feedback.length === 0) return [];
  const lines = feedback.map(
    ({ gate, message, evidence }) => `- ${gate}: ${message}${evidence === undefined ? '' : ` (${JSON.stringify(evidence)})`}`,
  );
  return [`An earlier answer was refused. Do better on this:\n${lines.join('\n')}`];
}

function forModel(schema: Schema<unknown>): FlexibleSchema<JsonValue> {
  const standard = schema['~standard'] as Partial<StandardSchemaV1.Props & StandardJSONSchemaV1.Props>;
  if (standard.validate !== undefined) return schema as unknown as FlexibleSchema<JsonValue>;
  return jsonSchema<JsonValue>(standard.jsonSchema?.output({ target: 'draft-07' }) ?? {});
}

function modelOf(model: LanguageModel | (() => LanguageModel)): LanguageModel {
  return typeof model === 'function' ? model() : model;
}

function asJson(input: unknown): string {
  return JSON.stringify(input, null, 2);
}

function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} ${cause.message}` : message;
}
