import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { createTestKit, type TestAgents, type TestKit, type TestRun } from '@tutti/testing';

const FOLDER = new URL('../../../examples/ports/', import.meta.url);

/** The definitions of a port: those that others run stand before them. */
export function definitionsOf(port: string): readonly string[] {
  const files = readdirSync(new URL(`${port}/`, FOLDER)).filter((name) => name.endsWith('.yaml'));
  return files.sort().map((name) => readFileSync(new URL(`${port}/${name}`, FOLDER), 'utf8'));
}

export function portNames(): readonly string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Lines that say something: no blank ones, no comments. */
export function linesOf(port: string): number {
  return definitionsOf(port)
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
}

export interface Scenario {
  readonly port: string;
  readonly agents: () => TestAgents;
  readonly inputs?: JsonObject;
  /** What people and programs outside do while it runs. */
  readonly meanwhile?: (run: TestRun, kit: TestKit) => Promise<unknown>;
}

interface Played {
  readonly kit: TestKit;
  readonly run: TestRun;
  /** How it ended: outputs, or the error. */
  readonly ended: JsonValue;
}

export async function play(scenario: Scenario, crashAfter = Infinity): Promise<Played> {
  const kit = await createTestKit({ workflows: definitionsOf(scenario.port), agents: scenario.agents() });
  kit.crashAfter(crashAfter);
  // A crash may swallow the answer: the key says that it is the same start when it is asked for again.
  const run = await kit.start<object, JsonValue>(scenario.port, scenario.inputs ?? {}, { idempotencyKey: 'only' });
  await scenario.meanwhile?.(run, kit);
  const view = await (await run.until('ended')).view();
  const ended = view.status === 'RUN_STATUS_SUCCEEDED' ? (view.outputs as JsonValue) : { error: view.error?.code ?? view.status };
  return { kit, run, ended };
}

/** Plays it undisturbed, then once more for each event that it recorded, with a crash right after that. It must end alike, and do nothing again that was finished. */
export async function playThroughCrashes(scenario: Scenario): Promise<Played> {
  const undisturbed = await play(scenario);
  expectNothingTwice(undisturbed);
  const events = undisturbed.kit.events.filter(({ stream }) => stream.startsWith('run-')).length;
  for (let after = 1; after < events; after++) {
    const disturbed = await play(scenario, after);
    expect({ after, ended: disturbed.ended }).toEqual({ after, ended: undisturbed.ended });
    expectNothingTwice(disturbed);
  }
  return undisturbed;
}

/** No attempt reached an agent twice, and no task that had succeeded was given away again, unless a gate sent it back. */
function expectNothingTwice({ kit, run }: Played): void {
  const attempts = run.calls().map(({ runId, idempotencyKey, attempt }) => `${runId} ${idempotencyKey} ${attempt}`);
  expect(attempts).toHaveLength(new Set(attempts).size);
  const done = new Set<string>();
  const again: string[] = [];
  for (const { stream, type, data } of kit.events) {
    const task = `${stream} ${String(data['task'])}`;
    if (type === 'TaskSucceeded' && done.has(task)) again.push(task);
    if (type === 'TaskAssigned' && done.has(task)) again.push(task);
    if (type === 'TaskSucceeded') done.add(task);
    if (type === 'TaskAttemptFailed') done.delete(task);
  }
  expect(again).toEqual([]);
}
