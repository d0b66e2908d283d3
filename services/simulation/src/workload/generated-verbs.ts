import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { Chance } from '../world/chance.js';
import { QUIET_SCRIPT, type Script } from './script.js';

/** What waits are for: whoever is outside sends these now and then. */
export const SIGNAL = 'go';
export const EVENT_TYPE = 'sim.happened';
export const EVENT_SOURCE = 'sim';

/** A workflow that others run as a part of them. */
export const CHILD_WORKFLOW = {
  name: 'child',
  source: JSON.stringify({
    name: 'child',
    steps: {
      work: {
        capability: 'sim.count',
        with: { script: { ...QUIET_SCRIPT, trouble: 'error', until: 1, ms: 200 } },
        retry: { maxAttempts: 2, initialInterval: '1s' },
      },
      rest: { needs: 'work', sleep: '2s' },
    },
    outputs: { value: '${{ steps.work.output.value }}' },
  }),
} as const;

type Verb = (chance: Chance, needs: readonly string[]) => JsonObject;

const task = (chance: Chance, script: Partial<Script> = {}): JsonObject => ({
  capability: chance.pick(['sim.write', 'sim.review', 'sim.count']),
  with: { script: { ...QUIET_SCRIPT, ms: chance.pick([5, 200, 3_000]), ...script } },
});
const failing = (chance: Chance): Partial<Script> => (chance.happens(0.4) ? { trouble: 'refusal', until: 9 } : {});
const caught = { codes: ['TIMED_OUT', 'SIM_*'], set: { late: true } };

const VERBS: readonly Verb[] = [
  (chance) => ({ sleep: chance.pick(['10ms', '3s', '40s', '${{ "2" & "s" }}']) }),
  (chance) => ({
    wait: { signal: SIGNAL, ...(chance.happens(0.3) ? { where: '${{ signal.n > 2 }}' } : {}) },
    timeout: chance.pick(['5s', '2m']),
    catch: [caught],
  }),
  (chance) => ({
    wait: { event: EVENT_TYPE, ...(chance.happens(0.5) ? { source: EVENT_SOURCE } : {}) },
    timeout: chance.pick(['5s', '2m']),
    catch: [caught],
  }),
  () => ({ set: { seen: '${{ variables.seen + 1 }}' } }),
  (chance) => ({
    switch: '${{ inputs.on }}',
    cases: { true: task(chance, failing(chance)), ...(chance.happens(0.7) ? { false: { sleep: '1s' } } : {}) },
    ...(chance.happens(0.5) ? { default: { set: { other: true } } } : {}),
  }),
  (chance) => ({
    ...task(chance),
    repeat: {
      until: '${{ output.value > 2 or iteration > 3 }}',
      maxTimes: chance.int(2, 5),
      ...(chance.happens(0.5) ? { delay: '2s' } : {}),
    },
  }),
  (chance) => ({ ...task(chance, failing(chance)), catch: [chance.happens(0.5) ? caught : { ...task(chance), codes: ['SIM_REFUSED'] }] }),
  (chance) => ({
    steps: {
      one: { ...task(chance, failing(chance)), ...undo(chance) },
      two: { needs: 'one', ...(chance.happens(0.5) ? { sleep: '1s' } : asks) },
    },
    outputs: { value: '${{ steps.one.output.value }}' },
    ...(chance.happens(0.4) ? { retry: { maxAttempts: 2, initialInterval: '1s' } } : {}),
    ...(chance.happens(0.3) ? { timeout: '20s' } : {}),
  }),
  (chance) => ({
    forEach: { items: '${{ [1..3] }}', concurrency: 2 },
    steps: { each: { ...task(chance), ...(chance.happens(0.3) ? { gates: asks['gates'] ?? [] } : {}) } },
  }),
  (chance) => ({ workflow: chance.happens(0.3) ? { name: CHILD_WORKFLOW.name, detach: true } : CHILD_WORKFLOW.name }),
  (chance) => ({
    plan: {
      from: `\${{ ${JSON.stringify({ steps: { planned: task(chance) } })} }}`,
      ...(chance.happens(0.3) ? { capabilities: ['sim.count'] } : {}),
    },
  }),
  (chance) => ({ ...task(chance, failing(chance)), forEach: { items: '${{ [1..3] }}', concurrency: 1 }, ...undo(chance) }),
];

const asks: JsonObject = { set: { asked: true }, gates: [{ name: 'person', type: 'approval', title: 'Is it right?' }] };

function undo(chance: Chance): JsonObject {
  return {
    compensate: {
      ...task(chance, { trouble: chance.happens(0.2) ? 'error' : 'none', until: 2 }),
      retry: { maxAttempts: 3, initialInterval: '1s' },
    },
  };
}

const PEOPLE = ['user:person', 'user:other', 'user:third'];

/** Gates that take time, people that must agree, and what happens when they do not. */
function slowGates(chance: Chance): readonly JsonObject[] {
  const onFail = chance.pick<JsonObject>([{ action: 'fail' }, { action: 'retry', maxAttempts: 2 }, { action: 'approval', expires: '3m' }]);
  const gates: readonly JsonObject[] = [
    { type: 'agent', capability: 'sim.judge', judges: chance.int(1, 3), pass: chance.pick(['all', 'majority', 'any']), onFail },
    { type: 'command', run: 'check "${{ output }}"', onFail },
    { type: 'metric', metric: 'step.attempts', max: chance.int(1, 3), onFail },
    {
      ...{ type: 'approval', title: 'All agreed?', approvers: PEOPLE.slice(0, 2), quorum: chance.int(1, 2), onFail: { action: 'fail' } },
      ...{ escalate: [{ after: '20s', to: [PEOPLE[2] ?? ''] }], expires: chance.pick(['30s', '10m']) },
    },
  ];
  return chance.happens(0.35) ? [{ name: 'slow', ...chance.pick(gates) }] : [];
}

/** A step of a workflow that is about all that can be said. */
export function verbStep(chance: Chance, needs: readonly string[]): JsonObject {
  const body = chance.happens(0.3) ? { ...task(chance, failing(chance)), ...undo(chance) } : chance.pick(VERBS)(chance, needs);
  const gates = slowGates(chance);
  return {
    ...body,
    ...(needs.length === 0 ? {} : { needs }),
    ...(chance.happens(0.1) ? { if: '${{ always() }}' } : {}),
    ...(gates.length === 0 ? {} : { gates }),
  };
}

/** Every fifth event starts a run, or would, if its inputs could be made. */
function startedByEvent(chance: Chance): JsonObject {
  const inputs = chance.happens(0.3) ? { n: '${{ $error("none") }}' } : { items: [1, 2], on: true };
  return { type: EVENT_TYPE, where: '${{ event.data.n % 5 = 0 }}', with: inputs };
}

/** What stands beside the steps. */
export function verbMembers(chance: Chance): Readonly<Record<string, JsonValue>> {
  return {
    variables: { seen: 0 },
    labels: { kind: 'verbs' },
    ...(chance.happens(0.25) ? { on: { event: [startedByEvent(chance)] } } : {}),
    ...(chance.happens(0.4) ? { onFailure: task(chance) } : {}),
    ...(chance.happens(0.3) ? { timeout: chance.pick(['20s', '5m']) } : {}),
  };
}
