import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { RunState, TaskState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';

/** What a task of a fan-out sees of the list: `item` and `index`. Nothing for others. */
export async function itemOf(values: ValueStore, state: RunState, { step, index }: Pick<TaskState, 'step' | 'index'>): Promise<JsonObject> {
  const { fanOut } = stepState(state, step);
  if (fanOut === null || index === null) return {};
  const items = (values.peek(fanOut.items) ?? (await values.load(fanOut.items))) as readonly JsonValue[];
  return { item: items[index] ?? null, index };
}
