import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkCitations } from './document/check-citations.js';
import { AWAITING_APPROVAL } from './document/assemble.js';
import { extractMermaid } from './mermaid/extract.js';
import { FIXTURES } from './testing/fixture-documents.js';
import { parseDiagrams } from './testing/parse-diagrams.js';
import { runWorkflow } from './testing/run-workflow.js';

const SECTIONS = [
  '## 1. Executive Summary',
  '## 2. Architecture Drivers',
  '## 3. High-Level Architecture',
  '## 4. Component Design',
  '## 5. Data Architecture',
  '## 6. Infrastructure Architecture',
  '## 7. Security Architecture',
  '## 8. Observability Architecture',
  '## 9. Deployment Architecture',
  '## 10. Architecture Decision Records',
  '## 11. Appendices',
];

const examples = new URL('../../../examples/', import.meta.url);
const shipped = existsSync(examples)
  ? readdirSync(examples).filter((name) => existsSync(new URL(`${name}/requirements.md`, examples)))
  : [];
const documents = new Map([
  ...Object.entries(FIXTURES),
  ...shipped.map((name) => [name, readFileSync(new URL(`${name}/requirements.md`, examples), 'utf8')] as const),
]);

describe.each([...documents])('the workflow on "%s"', (_, prd) => {
  it('passes every gate and hands out nine documents with the eleven sections in order', async () => {
    const run = await runWorkflow(prd);
    expect(run.refused).toEqual([]);
    expect(run.documents.map((file) => file.path)).toEqual([
      'architecture.md',
      '01-context.md',
      '02-high-level.md',
      '03-services.md',
      '04-data.md',
      '05-infrastructure.md',
      '06-security.md',
      '07-observability.md',
      '08-decisions.md',
    ]);
    const headings = run.document.split('\n').filter((line) => line.startsWith('## '));
    expect(headings).toEqual(SECTIONS);
    const approved = run.outputs['decisions']?.['document'] as { readonly content: string };
    expect(approved.content.split('\n').filter((line) => line === AWAITING_APPROVAL)).toHaveLength(1);
    expect(run.document.split('\n').filter((line) => line.startsWith('**Status:**'))).toEqual([
      '**Status:** approved by demo (demonstration: no person decided) on 2026-01-02T03:04:05.000Z, payload ab12',
    ]);
  });

  it('cites only lines that say what is quoted, in every document', async () => {
    const run = await runWorkflow(prd);
    for (const file of run.documents) expect(checkCitations(file.content, prd)).toEqual([]);
  });

  it('draws diagrams of all three levels that the Mermaid parser accepts', async () => {
    const run = await runWorkflow(prd);
    const diagrams = extractMermaid(run.document);
    expect(diagrams.length).toBeGreaterThanOrEqual(3);
    expect(parseDiagrams(diagrams)).toEqual(diagrams.map(() => null));
  });

  it('accounts for every requirement exactly once', async () => {
    const run = await runWorkflow(prd);
    const facts = run.outputs['context']?.['facts'] as { readonly requirements: readonly { readonly id: string }[] };
    const appendix = run.document.slice(
      run.document.indexOf('### A. Requirements traceability'),
      run.document.indexOf('### C. Performance requirements'),
    );
    const rows = appendix.split('\n').filter((line) => /^\| [^-|]/.test(line) && !line.startsWith('| ID |'));
    expect(rows).toHaveLength(facts.requirements.length);
    expect(new Set(facts.requirements.map((requirement) => requirement.id)).size).toBe(facts.requirements.length);
  });

  it('writes the same bytes again', async () => {
    const [first, second] = [await runWorkflow(prd), await runWorkflow(prd)];
    expect(JSON.stringify(second.documents)).toBe(JSON.stringify(first.documents));
  });
});
