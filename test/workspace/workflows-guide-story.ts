import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { TestAgents, TestKit, TestRun } from '@tutti/testing';
import { root } from './tracked-files.js';

/** How a sample of the guide is played: agents for it, what happens meanwhile, how it has to end. */
export interface Story {
  readonly agents?: TestAgents;
  readonly inputs?: JsonObject;
  /** What people and programs outside do. A sample that something else starts has no run yet. */
  readonly play: (run: Run, kit: TestKit) => Promise<unknown>;
  /** Samples that it runs. */
  readonly uses?: readonly string[];
}

/** Of any workflow. */
export type Run = TestRun<unknown>;

export const timesOf = (run: Run, capability: string): readonly number[] => run.calls(capability).map(({ at }) => at.getTime());
export const inputsOf = (run: Run, capability: string): readonly JsonValue[] => run.calls(capability).map(({ input }) => input);
export const typesOf = (run: Run): readonly string[] => run.events.map(({ type }) => type);
/** Of a type, in order. */
export const dataOf = (run: Run, wanted: string): readonly JsonObject[] =>
  run.events.flatMap(({ type, data }) => (type === wanted ? [data] : []));
/** An agent that answers with its input. */
export const echo = (input: unknown): unknown => input;

export const GUIDE = readFileSync(join(root, 'docs/workflows.md'), 'utf8');

/** Its workflows, by their names; those that are to be refused left out. */
export const SAMPLES: ReadonlyMap<string, string> = new Map(
  [...GUIDE.matchAll(/^```yaml\n(name: ([\w-]+).*?)^```$/gms)].map(([, text = '', name = '']) => [name, text]),
);
