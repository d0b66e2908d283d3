import type { JsonObject, JsonValue } from '@tutti/kernel';
import { Chance } from '../world/chance.js';
import { verbMembers, verbStep } from './generated-verbs.js';
import type { Script } from './script.js';

/** What the workflow is mostly about. */
type Theme = 'fan-out' | 'people-and-time' | 'gates' | 'verbs';

export const THEMES: readonly Theme[] = ['fan-out', 'people-and-time', 'gates', 'verbs'];
export const CAPABILITIES = ['sim.write', 'sim.review', 'sim.count'] as const;
/** What every agent can do: judge, and run a gate's program. */
export const COMMON_CAPABILITIES = ['sim.judge', 'tutti.command'] as const;
/** Different workflows there are. */
export const WORKFLOWS = 200;

export interface GeneratedWorkflow {
  readonly name: string;
  readonly theme: Theme;
  /** JSON, which is YAML too. */
  readonly source: string;
}

const GENERATED = new Map<number, GeneratedWorkflow>();

/** Always the same one under the same number: a quarter of all fan out, a quarter wait for people or for time, a quarter have gates that send back, a quarter say whatever can be said. */
export function generatedWorkflow(number: number): GeneratedWorkflow {
  const known = GENERATED.get(number);
  if (known !== undefined) return known;
  const theme = THEMES[number % THEMES.length] ?? 'gates';
  const chance = new Chance(number, 'workflow');
  const name = `${theme}-${number}`;
  const ids = Array.from({ length: chance.int(1, 5) }, (_, index) => `s${index + 1}`);
  const steps: Record<string, JsonObject> = {};
  const ancestors = new Map<string, readonly string[]>();
  for (const [index, id] of ids.entries()) {
    const needs = ids.slice(0, index).filter(() => chance.happens(0.6));
    ancestors.set(id, [...new Set(needs.flatMap((need) => [need, ...(ancestors.get(need) ?? [])]))]);
    steps[id] = theme === 'verbs' ? verbStep(chance, needs) : step(chance, theme, needs, ancestors.get(id) ?? [], index === 0);
  }
  const outputs = { last: `\${{ steps.${ids.at(-1) ?? 's1'}.status }}` };
  const workflow = { name, theme, source: JSON.stringify({ name, ...(theme === 'verbs' ? verbMembers(chance) : {}), steps, outputs }) };
  GENERATED.set(number, workflow);
  return workflow;
}

function step(chance: Chance, theme: Theme, needs: readonly string[], before: readonly string[], isFirst: boolean): JsonObject {
  const fansOut = theme === 'fan-out' ? isFirst || chance.happens(0.5) : chance.happens(0.1);
  const script = scriptOf(chance, theme);
  const input: Record<string, JsonValue> = { script };
  if (fansOut) input['item'] = '${{ item }}';
  else if (needs[0] !== undefined && chance.happens(0.5)) input['before'] = `\${{ steps.${needs[0]}.status & "!" }}`;
  return {
    capability: chance.pick(CAPABILITIES),
    with: input,
    ...(needs.length === 0 ? {} : { needs }),
    ...(fansOut ? { forEach: { items: items(chance), concurrency: chance.int(1, 4) } } : {}),
    ...(chance.happens(0.15) ? { if: condition(chance, needs) } : {}),
    ...limits(chance),
    ...timing(chance, script),
    ...(chance.happens(0.4) || script.trouble === 'misfit' ? { output: { type: 'object', required: ['value'] } } : {}),
    ...gatesOf(chance, theme, before, isFirst, fansOut),
  };
}

function scriptOf(chance: Chance, theme: Theme): Script {
  const troubles: readonly Script['trouble'][] = ['error', 'error', 'refusal', 'hang', 'deaf', 'rubbish', 'misfit'];
  const trouble = chance.happens(0.35) ? chance.pick(troubles) : 'none';
  return {
    trouble: theme === 'people-and-time' && trouble === 'none' && chance.happens(0.4) ? 'hang' : trouble,
    until: chance.int(1, 3),
    ms: chance.pick([5, 200, 3_000]),
    goodAfter: chance.happens(0.6) ? 0 : chance.int(1, 2),
    journal: chance.happens(0.25) ? chance.int(1, 3) : 0,
    talks: chance.happens(0.15),
  };
}

function items(chance: Chance): string {
  const count = chance.pick([0, 1, 3, 5, 8]);
  return chance.happens(0.5) ? '${{ inputs.items }}' : `\${{ [1..${count}] }}`;
}

function condition(chance: Chance, needs: readonly string[]): string {
  const [need] = needs;
  const choices = [
    '${{ inputs.on = true }}',
    ...(need === undefined ? [] : ['${{ always() }}', '${{ failure() }}', `\${{ steps.${need}.output.value > 2 }}`]),
  ];
  return chance.pick(choices);
}

/** Steps of all workflows share the keys, so that runs meet. */
function limits(chance: Chance): JsonObject {
  return {
    ...(chance.happens(0.12) ? { concurrency: { key: 'shared', limit: 2 } } : {}),
    ...(chance.happens(0.08) ? { rateLimit: { key: 'shared', limit: 3, per: '10s' } } : {}),
    ...(chance.happens(0.1) ? { priority: chance.int(1, 5) } : {}),
  };
}

/** A task that may hang must have a deadline. */
function timing(chance: Chance, { trouble }: Script): JsonObject {
  const hangs = trouble === 'hang' || trouble === 'deaf';
  return {
    ...(hangs || chance.happens(0.2) ? { timeout: chance.pick(['500ms', '5s', '1m']) } : {}),
    ...(chance.happens(0.7)
      ? {
          retry: {
            maxAttempts: chance.int(1, 4),
            initialInterval: chance.pick(['0ms', '100ms', '2s', '30s']),
            backoff: chance.pick([1, 2]),
            maxInterval: '1m',
            jitter: 0.2,
          },
        }
      : {}),
  };
}

function gatesOf(chance: Chance, theme: Theme, before: readonly string[], isFirst: boolean, fansOut: boolean): JsonObject {
  const gates: JsonObject[] = [];
  if (chance.happens(0.15)) gates.push({ name: 'shape', type: 'schema', schema: { type: fansOut ? 'array' : 'object' } });
  if (theme === 'gates' ? isFirst || chance.happens(0.6) : chance.happens(0.1)) {
    const expression = fansOut ? '${{ $count(output[good = true]) = $count(output) }}' : '${{ output.good = true }}';
    gates.push({ name: 'good', type: 'expression', expression, message: 'not good yet', onFail: onFail(chance, before) });
  }
  if (theme === 'people-and-time' ? isFirst || chance.happens(0.4) : chance.happens(0.08)) {
    gates.push({ name: 'person', type: 'approval', title: 'Is it right?', onFail: onFail(chance, before) });
  }
  return gates.length === 0 ? {} : { gates };
}

function onFail(chance: Chance, before: readonly string[]): JsonObject {
  const choice = chance.next();
  if (choice < 0.25) return { action: 'fail' };
  if (choice < 0.65 || before.length === 0) return { action: 'retry', maxAttempts: chance.int(1, 3) };
  return { action: 'goto', step: chance.pick(before), maxVisits: chance.int(1, 2) };
}
