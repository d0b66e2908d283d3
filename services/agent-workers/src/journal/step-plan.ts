import { MAX_STEP_NAME, type Compensation, type Resolution, type SideEffect, type StepOptions } from '@tutti/agent-sdk';
import { hashJson, TuttiError } from '@tutti/kernel';
import { copyJson } from '../hosting/json-copy.js';

/** What an agent asked for, checked and with its defaults. */
export interface StepPlan {
  readonly name: string;
  readonly sideEffect: SideEffect;
  /** False: nothing of it is kept. */
  readonly journal: boolean;
  readonly inputHash: string | null;
  readonly compensate: (Compensation & Required<Pick<Compensation, 'with'>>) | null;
  readonly resolve: ((key: string, call: { readonly signal: AbortSignal }) => Promise<Resolution<unknown>> | Resolution<unknown>) | null;
}

/** Options by class; agents in JavaScript have no compiler that would refuse the others. */
const OPTIONS: Readonly<Record<SideEffect, readonly string[]>> = {
  pure: ['journal'],
  idempotent: [],
  compensable: ['compensate'],
  irreversible: ['resolve'],
};

/** @throws TuttiError INVALID_REQUEST that names the step and the option */
export function planStep(name: unknown, options: StepOptions<unknown>): StepPlan {
  if (typeof name !== 'string' || name === '' || name.length > MAX_STEP_NAME)
    throw new TuttiError('INVALID_REQUEST', `step name ${JSON.stringify(name)}: expected a text of 1 to ${MAX_STEP_NAME} characters`);
  const given = options as Readonly<Record<string, unknown>>;
  const sideEffect = options.sideEffect ?? 'idempotent';
  if (!Object.hasOwn(OPTIONS, sideEffect))
    throw refusal(name, `sideEffect is "${String(sideEffect)}"; expected one of ${Object.keys(OPTIONS).join(', ')}`);
  const allowed = ['sideEffect', 'input', ...OPTIONS[sideEffect]];
  const surplus = Object.keys(given).find((option) => given[option] !== undefined && !allowed.includes(option));
  if (surplus !== undefined)
    throw refusal(name, `a step that is ${sideEffect} has no option ${surplus}; it may have ${allowed.join(', ')}`);
  const resolve = given['resolve'] ?? null;
  if (resolve !== null && typeof resolve !== 'function') throw refusal(name, `resolve is a ${typeof resolve}; expected a function`);
  return {
    name,
    sideEffect,
    journal: given['journal'] !== false,
    inputHash: options.input === undefined ? null : hashJson(copyJson(options.input, `input of step "${name}"`)),
    compensate: sideEffect === 'compensable' ? compensation(name, given['compensate']) : null,
    resolve: resolve as StepPlan['resolve'],
  };
}

function compensation(name: string, given: unknown): StepPlan['compensate'] {
  const { capability, with: input = {} } = (given ?? {}) as { readonly capability?: unknown; readonly with?: unknown };
  if (typeof capability !== 'string' || capability === '') throw refusal(name, 'compensate.capability: expected what undoes it');
  const copied = copyJson(input, `compensate.with of step "${name}"`);
  if (typeof copied !== 'object' || copied === null || Array.isArray(copied)) throw refusal(name, 'compensate.with: expected an object');
  return { capability, with: copied as Compensation['with'] & object };
}

function refusal(name: string, problem: string): TuttiError {
  return new TuttiError('INVALID_REQUEST', `step "${name}": ${problem}`);
}
