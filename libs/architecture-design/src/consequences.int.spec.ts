import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Evidence } from './model/evidence.schema.js';
import type { Requirement } from './model/facts.schema.js';
import { extractMermaid } from './mermaid/extract.js';
import { runPipeline } from './testing/run-pipeline.js';

/** What the shipped examples claim, so that a changed line of the input shows as a changed line of the architecture. */

type Run = ReturnType<typeof runPipeline>;

const EXAMPLES = ['browser-floor-planner', 'clinic-scheduling', 'cold-chain-telemetry'] as const;
const CHOSEN = 6;

const texts = new Map(
  EXAMPLES.map((name) => [name, readFileSync(new URL(`../../../examples/${name}/requirements.md`, import.meta.url), 'utf8')]),
);
const runs = new Map([...texts].map(([name, text]) => [name, runPipeline(text)]));

describe.each(EXAMPLES)('deleting a requirement of "%s"', (name) => {
  const text = textOf(name);
  const before = runOf(name);

  it.each(spread(before, text).map((requirement) => [requirement.id, requirement] as const))(
    'takes %s and all that stood on it alone out of every document',
    (id, requirement) => {
      const after = runPipeline(withoutLines(text, requirement.from, requirement.to));
      const documents = documentsOf(after);
      expect(after.facts.requirements).toHaveLength(before.facts.requirements.length - 1);
      expect(documents).not.toMatch(wholeWord(id));
      expect(documents).not.toContain(extractOf(requirement));
      const left = new Set(namedThings(after).map((thing) => thing.key));
      const alone = namedThings(before).filter((thing) => thing.evidence.every((one) => within(one, requirement)));
      expect(alone.filter((thing) => left.has(thing.key))).toEqual([]);
    },
  );
});

describe('a designed deletion', () => {
  it.each([
    ['browser-floor-planner', 'T-1', 'technologies', 'iPadOS'],
    ['clinic-scheduling', 'NFR-8', 'technologies', 'TLS 1.2'],
    ['cold-chain-telemetry', 'API-1', 'technologies', 'OAuth 2.0'],
    ['cold-chain-telemetry', 'ALT-5', 'actors', 'Duty manager'],
    ['cold-chain-telemetry', 'REP-3', 'actors', 'Analysts'],
  ] as const)('of "%s": without %s the %s lack "%s"', (name, id, kind, gone) => {
    const before = runOf(name);
    const requirement = requirementOf(before, id);
    const after = runPipeline(withoutLines(textOf(name), requirement.from, requirement.to));
    expect(before.facts[kind].map((one) => one.name)).toContain(gone);
    expect(documentsOf(before)).toContain(gone);
    expect(after.facts[kind].map((one) => one.name)).not.toContain(gone);
    expect(outsideQuotations(documentsOf(after))).not.toContain(gone);
  });

  it.each([
    ['clinic-scheduling', 'Regional referral exchange'],
    ['cold-chain-telemetry', 'Workshop planning'],
  ] as const)('of the row of "%s" that brings "%s" takes the neighbour out of facts and diagrams', (name, external) => {
    const line = textOf(name)
      .split('\n')
      .findIndex((one) => one.startsWith(`| ${external} |`));
    const before = runOf(name);
    const after = runPipeline(withoutLines(textOf(name), line + 1, line + 1));
    expect(before.facts.externals.map((one) => one.name)).toContain(external);
    expect(before.high.diagram).toContain(external);
    expect(after.facts.externals.map((one) => one.name)).not.toContain(external);
    expect(documentsOf(after)).not.toContain(external);
  });
});

describe('the rule that nothing may run with a provider', () => {
  const RULE = "No public cloud: everything runs on the operator's own machines.";
  const PROVIDERS = /\b(?:AWS|Amazon|Azure|GCP|Google Cloud|EKS|ECS|Fargate|Lambda|S3|RDS|CloudFront|CloudWatch|GKE|AKS)\b/;

  it('changes hosting, infrastructure, deployment, decisions and diagrams of the cold chain when it is added', () => {
    const before = runOf('cold-chain-telemetry');
    const after = runPipeline(
      textOf('cold-chain-telemetry').replace('## 9. Constraints and assumptions\n', (found) => `${found}\n- ${RULE}\n`),
    );
    expect(before.design.hosting.kind).toBe('cloud');
    expect(after.design.hosting).toMatchObject({ kind: 'on-premises', provider: null, cloudExcluded: true });
    expect(proseOf(after.infrastructure.document.content)).not.toBe(proseOf(before.infrastructure.document.content));
    expect(proseOf(sectionOf(after.document, 9))).not.toBe(proseOf(sectionOf(before.document, 9)));
    expect(proseOf(sectionOf(after.document, 10))).not.toBe(proseOf(sectionOf(before.document, 10)));
    expect(extractMermaid(after.document)).not.toEqual(extractMermaid(before.document));
    expect(outsideQuotations(documentsOf(after))).not.toMatch(PROVIDERS);
  });

  it('keeps the clinic on its own machines, and lets go of it when every such statement is deleted', () => {
    const text = textOf('clinic-scheduling');
    const before = runOf('clinic-scheduling');
    expect(before.design.hosting).toMatchObject({ kind: 'on-premises', cloudExcluded: true });
    expect(outsideQuotations(documentsOf(before))).not.toMatch(PROVIDERS);
    const excluding = new Set(before.design.hosting.evidence.flatMap((one) => range(one.from, one.to)));
    const without = text
      .split('\n')
      .filter((line, at) => !excluding.has(at + 1) && !/CON-1\b|on-premises|machine room|virtualisation/i.test(line))
      .join('\n');
    const after = runPipeline(without);
    expect(after.design.hosting.cloudExcluded).toBe(false);
    expect(after.design.hosting.kind).not.toBe('on-premises');
    expect(proseOf(after.infrastructure.document.content)).not.toBe(proseOf(before.infrastructure.document.content));
  });

  it('gives the browser example neither a backend nor services', () => {
    const run = runOf('browser-floor-planner');
    expect(run.design.pattern.id).toBe('client-only');
    expect(run.design.hosting.kind).toBe('none');
    expect(run.services.services.containers.map((one) => one.kind)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:service|broker|worker|entry)$/)]),
    );
    expect(outsideQuotations(documentsOf(run))).not.toMatch(PROVIDERS);
  });
});

describe('the three examples', () => {
  it('get three different patterns, hostings and sets of containers', () => {
    const all = EXAMPLES.map(runOf);
    expect(new Set(all.map((run) => run.design.pattern.id)).size).toBe(3);
    expect(new Set(all.map((run) => run.design.hosting.kind)).size).toBe(3);
    expect(new Set(all.map((run) => run.services.services.containers.map((one) => one.kind).join())).size).toBe(3);
  });
});

function textOf(name: string): string {
  return texts.get(name as (typeof EXAMPLES)[number]) ?? '';
}

function runOf(name: string): Run {
  const run = runs.get(name as (typeof EXAMPLES)[number]);
  if (run === undefined) throw new Error(`no example is called ${name}`);
  return run;
}

/** Numbered requirements at even distances over the document, of those that no other line refers to. */
function spread(run: Run, text: string): readonly Requirement[] {
  const free = run.facts.requirements.filter(
    (one) => one.labelled && !wholeWord(one.id).test(withoutLines(text, one.from, one.to)) && /^[A-Z]+-\d+$/.test(one.id),
  );
  return Array.from({ length: CHOSEN }, (_, at) => free[Math.floor(((at + 0.5) * free.length) / CHOSEN)]).filter(
    (one) => one !== undefined,
  );
}

function requirementOf(run: Run, id: string): Requirement {
  const found = run.facts.requirements.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no requirement ${id} was found`);
  return found;
}

function documentsOf(run: Run): string {
  const parts = [run.context, run.high, run.services, run.data, run.infrastructure, run.security, run.observability, run.decisions];
  return [run.document, ...parts.map((part) => part.document.content)].join('\n');
}

function withoutLines(text: string, from: number, to: number): string {
  return text
    .split('\n')
    .filter((_, at) => at + 1 < from || at + 1 > to)
    .join('\n');
}

function wholeWord(id: string): RegExp {
  return new RegExp(`(?<![\\w-])${id}(?![\\w-])`);
}

/** Enough of the words to be this requirement's own. */
function extractOf(requirement: Requirement): string {
  return requirement.text.replace(/^.*\|\s*/, '').slice(0, 60);
}

function within(evidence: Evidence, requirement: Requirement): boolean {
  return evidence.from >= requirement.from && evidence.to <= requirement.to;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Everything that has a name of its own and says which lines it stands on. */
function namedThings(run: Run): readonly { readonly key: string; readonly evidence: readonly Evidence[] }[] {
  const { facts } = run;
  const named = (kind: string, things: readonly { readonly name: string; readonly evidence: readonly Evidence[] }[]) =>
    things.map((thing) => ({ key: `${kind} ${thing.name}`, evidence: thing.evidence }));
  return [
    ...named('actor', facts.actors),
    ...named('external', facts.externals),
    ...named('entity', facts.entities),
    ...named('technology', facts.technologies),
    ...named(
      'component',
      run.design.components.filter((one) => one.basis !== 'whole'),
    ),
    ...facts.measures.map((one) => ({ key: `measure ${one.kind} ${one.value} ${one.text}`, evidence: [one] })),
    ...run.drivers.map((one) => ({ key: `driver ${one.kind} ${one.consequence} ${textsOf(one.evidence)}`, evidence: one.evidence })),
    ...run.security.security.threats.map((one) => ({
      key: `threat ${one.category} ${one.threat} ${textsOf(one.evidence)}`,
      evidence: one.evidence,
    })),
  ].filter((thing) => thing.evidence.length > 0);
}

function textsOf(evidence: readonly Evidence[]): string {
  return evidence.map((one) => one.text).join(' / ');
}

function sectionOf(document: string, number: number): string {
  const start = document.indexOf(`## ${number}. `);
  const end = document.indexOf(`## ${number + 1}. `);
  return document.slice(start, end === -1 ? undefined : end);
}

function outsideQuotations(document: string): string {
  return document.replace(/“[^”]*”/g, '');
}

/** Without quotations and line numbers, which an added line shifts. */
function proseOf(document: string): string {
  return outsideQuotations(document).replace(/\[L[^\]]*\]/g, '');
}
