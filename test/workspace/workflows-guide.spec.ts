import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowDefinitionJsonSchema } from '@tutti/contracts';
import { isTuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import { createTestKit } from '@tutti/testing';
import type { Problem } from '../../services/cli/src/failure/failure.js';
import { renderProblems } from '../../services/cli/src/failure/render-failure.js';
import { createStyle } from '../../services/cli/src/terminal/style.js';
import { startProgramHarness, type ProgramHarness } from '../../services/cli/src/testing/program-harness.js';
import { ScopeRules, type ScopePlace } from '../../services/coordinator/src/definition/scope-rules.js';
import { compileExpression, type Expression } from '../../services/coordinator/src/expressions/expression.js';
import { startTestGateway, type TestGateway } from '../../services/gateway/src/testing/test-gateway.js';
import { root } from './tracked-files.js';
import { FAILURE_STORIES } from './workflows-guide-failure-stories.js';
import { STEP_STORIES } from './workflows-guide-step-stories.js';
import { GUIDE, SAMPLES } from './workflows-guide-story.js';

const STORIES = { ...STEP_STORIES, ...FAILURE_STORIES };
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const written = [...GUIDE.matchAll(/^```yaml$/gm)].length;
const bad = [...GUIDE.matchAll(/^`(?<file>\S+)`\n\n```yaml\n(?<source>[^`]*?)^```\n\n```text\n(?<said>.*?)^```$/gms)].map(
  ({ groups = {} }) => ({
    file: groups['file'] ?? '',
    source: groups['source'] ?? '',
    said: groups['said'] ?? '',
  }),
);

describe('the guide to workflows', () => {
  it('has a story for each of its samples', () => {
    expect([...SAMPLES.keys()].sort()).toEqual(Object.keys(STORIES).sort());
    expect(SAMPLES.size + bad.length).toBe(written);
  });

  it.each(Object.entries(STORIES))('shows what runs as it says: %s', async (name, { agents = {}, inputs = {}, play, uses = [] }) => {
    const kit = await createTestKit({ workflows: [...uses, name].map((each) => SAMPLES.get(each) ?? ''), agents });
    await play(await kit.start(name, inputs), kit);
  });

  it.each(bad)('shows what is refused, and how: $file', async ({ file, source, said }) => {
    const problems = await problemsOf(source);
    expect(renderProblems(problems, file, createStyle(false)).map((line) => line.trimStart())).toEqual(said.trimEnd().split('\n'));
  });
});

async function problemsOf(source: string): Promise<readonly Problem[]> {
  const kit = await createTestKit();
  const answer = await kit.ask(({ workflows }) => workflows.validateWorkflow({ source })).catch((error: unknown) => error);
  if (isTuttiError(answer)) throw answer;
  return (answer as { readonly problems: readonly Problem[] }).problems;
}

/** Names of the members of definitions, wherever they stand. */
function membersOf(schema: JsonValue): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((each: JsonValue) => membersOf(each));
  const { properties } = schema as JsonObject;
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return [...names, ...Object.values(schema).flatMap((each: JsonValue) => membersOf(each))];
}

describe('the guides to workflows, triggers and notifications together', () => {
  const text = GUIDE + read('docs/triggers.md') + read('docs/notifications.md');
  // What editors need, which is no part of the language.
  const members = [...new Set(membersOf(workflowDefinitionJsonSchema()))].filter((name) => name !== '$schema').sort();

  it('have every member of the language', () => {
    expect(members.length).toBeGreaterThan(80);
    expect(members.filter((name) => !new RegExp(`(^|[\\s{])${name}:|\`[^\`]*\\b${name}\\b[^\`]*\``, 'm').test(text))).toEqual([]);
  });
});

describe('the command lines and requests of the guide', () => {
  const lines = [...new Set([...GUIDE.matchAll(/\bnpx tutti ([^`\n#]+)/g)].map(([, line = '']) => line.trim()))];
  const requests = [...new Set([...GUIDE.matchAll(/`((?:GET|POST|PATCH) \/v1\/[^`?\s]*)/g)].map(([, request = '']) => request))];
  let cli: ProgramHarness;
  let gateway: TestGateway;
  beforeAll(async () => {
    cli = await startProgramHarness();
    gateway = await startTestGateway();
  });
  afterAll(() => Promise.all([cli.close(), gateway.stop()]));

  it.each(lines)('has a command for: %s', async (line) => {
    const words = line.split(' ');
    const of = async (count: number) => cli.tutti(['help', ...words.slice(0, count)]);
    const two = await of(2);
    const help = two.exitCode === 0 ? two : await of(1);
    expect(help.exitCode).toBe(0);
    const options = words.filter((word) => word.startsWith('--'));
    expect(options.filter((option) => !new RegExp(`${option}\\b`).test(help.out))).toEqual([]);
  });

  it.each(requests)('has a route for: %s', async (request) => {
    const [method = '', path = ''] = request.split(' ');
    const { headers } = await gateway.call('OPTIONS', path.replaceAll(/\{\w+\}/g, 'x'));
    expect(String(headers['allow']).split(', ')).toContain(method);
  });
});

describe('the table of what expressions see', () => {
  const PLACES: Readonly<Record<ScopePlace, string>> = {
    start: '`labels`, `variables`',
    condition: '`if`',
    step: "a step's work: `with`",
    item: "a step's work, with `forEach`",
    repeat: '`repeat.until`',
    signal: '`wait.where`, of a signal',
    event: '`wait.where`, of an event',
    gate: '`gates`',
    catch: '`catch`',
    compensate: '`compensate`',
    failure: '`onFailure`',
    outputs: '`outputs`, `queries`',
  };
  const EVERYWHERE = ['inputs', 'steps', 'run', 'variables', 'labels'];
  let rows: ReadonlyMap<string, string> = new Map();

  beforeAll(() => {
    const [table = ''] = /^\| expression in \|.*?\n\n/ms.exec(read('docs/workflows-expressions.md')) ?? [];
    rows = new Map([...table.matchAll(/^\| (`.*?|a .*?) \| (.*) \|$/gm)].map(([, place = '', sees = '']) => [place, sees]));
  });

  it.each(Object.entries(PLACES))('says of %s what the rules say', (place, shown) => {
    const [found, ...others] = [...rows].filter(([cell]) => cell === shown || (place === 'step' && cell.startsWith(shown)));
    expect(others).toEqual([]);
    const cell = found?.[1] ?? '';
    const named = [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    expect(visibleAt(place as ScopePlace)).toEqual(cell.endsWith('alone') ? named : [...EVERYWHERE, ...named]);
  });

  it('has no other rows', () => {
    expect(rows.size).toBe(Object.keys(PLACES).length);
  });
});

/** As the rules themselves say it of a name that is nowhere. */
function visibleAt(place: ScopePlace): readonly string[] {
  const rules = new ScopeRules(new Set(), new Map(), undefined);
  const [problem = ''] = rules.check(compileExpression('nowhere') as Expression, place, null);
  return (/expected one of (.*)$/.exec(problem)?.[1] ?? '').split(', ');
}
