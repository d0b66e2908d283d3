import assert from 'node:assert/strict';
import { isTuttiError, type ErrorCode, type JsonObject } from '@tutti/kernel';
import type { Query, ReadModel, ReadModelDefinition, ReadModels } from '../../read-models.port.js';

export interface ReadModelsHarness {
  /** On storage that nobody else uses, empty at first. */
  readonly readModels: ReadModels;
  /** The same storage opened anew as after a crash: whatever the connection before it has in flight does not happen any more. */
  reopen(): Promise<ReadModels>;
  close(): Promise<void>;
}

export interface ReadModelsCase {
  /** A sentence: what the adapter does, and when. */
  readonly name: string;
  readonly run: (harness: ReadModelsHarness) => Promise<void>;
}

export const runs: ReadModelDefinition = { name: 'runs', version: 1, indexes: [['status', 'startedAt'], ['owner.name'], ['value']] };

export async function keysOf(model: ReadModel, query: Query): Promise<readonly string[]> {
  return (await model.find(query)).map((found) => found.key);
}

/** Writes each document under its key at position 0, 1, 2, … as one step. */
export async function writeAll(model: ReadModel, documents: Readonly<Record<string, JsonObject>>): Promise<void> {
  const writes = Object.entries(documents).map(([key, document], position) => ({ key, document, position }));
  await model.write(writes, writes.length - 1);
}

export async function assertRejects(action: () => Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  let answer: unknown;
  try {
    answer = await action();
  } catch (error) {
    assert.ok(isTuttiError(error, code), `${what}: expected a TuttiError ${code}, got ${String(error)}`);
    return;
  }
  assert.fail(`${what}: expected ${code}, got the answer ${JSON.stringify(answer)}`);
}
