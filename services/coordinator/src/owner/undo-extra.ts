import type { StoredValue } from '@tutti/contracts';
import { isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { partsDone } from '../run/run.ending.js';
import type { RunState, StepState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';

const PREFIX = 'undo:';

/** The step that the inner step undoes; null when it is there for something else. */
export function undoneBy(state: RunState, inner: string): StepState | null {
  return inner.startsWith(PREFIX) ? stepState(state, inner.slice(PREFIX.length)) : null;
}

/** Each thing that a fan-out did, newest first, so that each is undone by itself; null for a step that did one. */
export async function partsToUndo(values: ValueStore, state: RunState, inner: string): Promise<readonly JsonValue[] | null> {
  const undone = undoneBy(state, inner);
  const fanOut = undone === null ? null : (undone.leftBehind ?? undone.fanOut);
  if (undone === null || fanOut === null) return null;
  const items = (await load(values, fanOut.items)) as readonly JsonValue[];
  const parts: JsonValue[] = [];
  for (const index of partsDone(undone).toReversed()) {
    const output = fanOut.outputs[index];
    if (output !== undefined) parts.push({ item: items[index] ?? null, index, output: await load(values, output) });
  }
  return parts;
}

/** What a compensation sees of the step that it undoes, and of what went wrong. */
export async function undoExtra(values: ValueStore, state: RunState, undone: StepState, item: JsonValue | undefined): Promise<JsonObject> {
  const error = endingError(state);
  if (isJsonObject(item)) return { ...item, error };
  const { task, output } = undone;
  const stored = task?.work.kind === 'child' ? task.work.started.inputs : (task?.input ?? null);
  const input = stored === null ? null : await load(values, stored);
  return { input, output: output === null ? null : await load(values, output), error };
}

/** Of the run that is ending: what the failure handler and compensations see. */
export function endingError({ ending }: RunState): JsonObject {
  if (ending === null) return {};
  const { code, message, details = null } = ending.error;
  return { code, message, details, step: ending.step };
}

async function load(values: ValueStore, stored: StoredValue): Promise<JsonValue> {
  return values.peek(stored) ?? (await values.load(stored));
}
