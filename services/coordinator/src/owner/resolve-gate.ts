import type { StoredValue } from '@tutti/contracts';
import { assertNever, hashJson, toTuttiError, TuttiError, type JsonValue } from '@tutti/kernel';
import { describeProblems } from '../definition/json-schema.js';
import { personAsked, type GatePlan, type StepPlan } from '../definition/plan.js';
import type { Template } from '../expressions/template.js';
import { isTruthy } from '../expressions/scope.js';
import type { Resolution } from '../run/run.commands.js';
import { stepState } from '../run/run.step-state.js';
import { verdictOfMetric } from './judge-metric.js';
import { verdictOfPlan } from './judge-plan.js';
import { lacksVerdict, verdictOfCommand, verdictOfJudges, type GateVerdict } from './judge-verdicts.js';
import { describeType, type RunEvaluator, type Subject } from './run-evaluator.js';

type SayVerdict = (passed: boolean, message: string, evidence: JsonValue) => Resolution;

/** Finds out what a gate says of a step's output, or what a person is to be asked. */
export class GateResolver {
  constructor(private readonly evaluator: RunEvaluator) {}

  async resolve(subject: Subject, step: StepPlan, index: number): Promise<Resolution> {
    const gate = step.gates[index];
    const { output: stored, asks } = stepState(subject.state, step.id);
    if (gate === undefined || stored === null) throw new TuttiError('INTERNAL', `step "${step.id}" has no gate ${index} to judge`);
    const lack = asks === null && (gate.type === 'command' || gate.type === 'agent') ? lacksVerdict(subject.state, gate) : null;
    if (lack !== null) return { kind: 'step-failed', step: step.id, error: lack };
    const output = this.evaluator.values.peek(stored) ?? (await this.evaluator.values.load(stored));
    if (asks !== null) return this.lastWord(subject, step, index, gate, { stored, value: output });
    const found = await this.judge(subject, step, index, gate, { stored, value: output });
    if (found.kind !== 'gate' || found.passed || gate.message === null) return found;
    return { ...found, message: `${await this.said(subject, gate.message, output)} (${found.message})` };
  }

  private async judge(
    subject: Subject,
    step: StepPlan,
    index: number,
    gate: GatePlan,
    { stored, value: output }: Output,
  ): Promise<Resolution> {
    const verdict: SayVerdict = (passed, message, evidence) => ({ kind: 'gate', step: step.id, gate: index, passed, message, evidence });
    const say = ({ passed, message, evidence }: GateVerdict): Resolution => verdict(passed, message, evidence);
    switch (gate.type) {
      case 'schema': {
        const problems = gate.schema.check(output);
        if (problems.length === 0) return verdict(true, 'the output matches the schema', null);
        return verdict(
          false,
          describeProblems(problems),
          problems.map((problem) => ({ ...problem })),
        );
      }
      case 'expression':
        return this.judgeExpression(subject, gate, output, verdict);
      case 'metric': {
        const given = gate.value === null ? undefined : await this.evaluator.value(subject, gate.value, { output });
        return say(verdictOfMetric(subject.state, step, gate, given));
      }
      case 'command':
        return say(await verdictOfCommand(this.evaluator.values, subject.state, gate));
      case 'agent':
        return say(await verdictOfJudges(this.evaluator.values, subject.state, gate));
      case 'plan': {
        const given = gate.plan === null ? output : await this.evaluator.value(subject, gate.plan, { output });
        return say(verdictOfPlan(subject.plan, step, given ?? null));
      }
      case 'approval':
        return this.approval(subject, step, index, gate, { stored, value: output });
      default:
        return assertNever(gate, 'gate');
    }
  }

  private async judgeExpression(
    subject: Subject,
    gate: Extract<GatePlan, { type: 'expression' }>,
    output: JsonValue,
    verdict: SayVerdict,
  ): Promise<Resolution> {
    const { source } = gate.expression;
    try {
      const value = (await this.evaluator.value(subject, gate.expression, { output })) ?? null;
      const passed = isTruthy(value);
      const evidence = { expression: source, value: typeof value === 'object' ? describeType(value) : value };
      return verdict(passed, passed ? 'the expression is true' : `not true: ${source}`, evidence);
    } catch (error) {
      if (toTuttiError(error).code !== 'EXPRESSION_FAILED') throw error;
      return verdict(false, toTuttiError(error).message, { expression: source });
    }
  }

  private async approval(
    subject: Subject,
    step: StepPlan,
    index: number,
    gate: Extract<GatePlan, { type: 'approval' }>,
    output: Output,
  ): Promise<Resolution> {
    const asked = await this.asked(subject, step, index, gate.title, output);
    if (gate.payload === null) return asked;
    const payload = (await this.evaluator.value(subject, gate.payload, { output: output.value })) ?? null;
    return { ...asked, payload: await this.evaluator.values.store(payload), payloadHash: hashJson(payload) };
  }

  /** A gate has failed, and a person has the last word. */
  private async lastWord(subject: Subject, step: StepPlan, index: number, gate: GatePlan, output: Output): Promise<Resolution> {
    const title = personAsked(gate.onFail)?.title ?? null;
    const otherwise = { kind: 'constant', value: `Gate "${gate.name}" of step "${step.id}" failed. Go on with its output?` } as const;
    return this.asked(subject, step, index, title ?? otherwise, output);
  }

  /** An expression of a message that fails is no reason for the gate not to be judged. */
  private async said(subject: Subject, message: Template, output: JsonValue): Promise<string> {
    try {
      const filled = (await this.evaluator.fill(subject, message, { output })) ?? '';
      return typeof filled === 'string' ? filled : JSON.stringify(filled);
    } catch (error) {
      if (toTuttiError(error).code !== 'EXPRESSION_FAILED') throw error;
      return toTuttiError(error).message;
    }
  }

  private async asked(subject: Subject, step: StepPlan, index: number, template: Template, { stored, value }: Output) {
    const title = await this.evaluator.fill(subject, template, { output: value });
    const text = typeof title === 'string' ? title : JSON.stringify(title);
    return { kind: 'approval', step: step.id, gate: index, title: text, payload: stored, payloadHash: hashJson(value) } as const;
  }
}

interface Output {
  readonly stored: StoredValue;
  readonly value: JsonValue;
}
