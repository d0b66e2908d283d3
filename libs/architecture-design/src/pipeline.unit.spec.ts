import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkCitations } from './document/check-citations.js';
import { FIXTURES } from './testing/fixture-documents.js';
import { runPipeline } from './testing/run-pipeline.js';

const fixture = (name: string): string => FIXTURES[name] ?? '';

describe('the architecture pattern', () => {
  it.each([
    ['iot', 'event-driven', 'on-premises'],
    ['browser', 'client-only', 'none'],
    ['fintech', 'services', 'cloud'],
    ['cli', 'single-program', 'none'],
    ['hospital', 'modular-monolith', 'on-premises'],
    ['game', 'realtime-server', 'open'],
  ])('of "%s" is %s, hosted: %s', (name, pattern, hosting) => {
    const { design } = runPipeline(fixture(name));
    expect([design.pattern.id, design.hosting.kind]).toEqual([pattern, hosting]);
  });

  it.each([
    ['The system must be a monolith.', 'modular-monolith'],
    ['Every domain must be a microservice.', 'services'],
    ['The backend must be serverless.', 'serverless'],
    ['The library must be published as an npm package.', 'library'],
    ['The firmware must run on an ESP32 microcontroller.', 'on-device'],
    ['A nightly ETL job must load the data warehouse.', 'batch-pipeline'],
  ])('follows an explicit statement: %s', (statement, pattern) => {
    expect(runPipeline(`# Requirements\n\n- ${statement}\n- Clerks must edit orders.\n`).design.pattern.id).toBe(pattern);
  });

  it('turns away from services when the input rules them out', () => {
    const without = `${fixture('fintech')}\n## More constraints\n\n- There must be no microservices.\n- The system must be a monolith.\n`;
    expect(runPipeline(fixture('fintech')).design.pattern.id).toBe('services');
    expect(runPipeline(without).design.pattern.scores.find((score) => score.id === 'services')?.score).toBeLessThan(0);
    expect(runPipeline(without).design.pattern.id).toBe('modular-monolith');
  });
});

describe('the document', () => {
  it('loses the consequences of a requirement that is deleted', () => {
    const whole = runPipeline(fixture('iot')).document;
    const without = runPipeline(
      fixture('iot')
        .split('\n')
        .filter((line) => !line.includes('SAP'))
        .join('\n'),
    ).document;
    expect(whole).toContain('SAP ERP');
    expect(without).not.toContain('SAP');
  });

  it('holds no provider and no cloud in its design when the input says "no cloud"', () => {
    const changed = fixture('fintech').replace('- Hosted on AWS in eu-central-1.', '- No cloud: everything runs in our own data centre.');
    const { design, infrastructure, document } = runPipeline(changed);
    expect(design.hosting.kind).toBe('on-premises');
    const own = document.replace(/“[^”]*”/g, '').replace(/cloud \(ruled out\)/g, '');
    expect(own).not.toMatch(/cloud|AWS|subnet/i);
    expect(infrastructure.document.content).toContain('operator’s network');
    expect(runPipeline(fixture('fintech')).infrastructure.document.content).toContain('AWS');
  });

  it('plans a migration only where the input speaks of existing data', () => {
    expect(runPipeline(fixture('fintech')).data.data.migration).not.toBeNull();
    expect(runPipeline(fixture('game')).data.data.migration).toBeNull();
    expect(runPipeline(fixture('game')).document).toContain('The input says nothing about existing data, so no migration is planned.');
  });

  it('gives different architectures to different inputs', () => {
    const names = Object.keys(FIXTURES).map((name) =>
      runPipeline(fixture(name))
        .design.components.map((component) => component.name)
        .join(),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('names no component after a heading of form', () => {
    for (const name of Object.keys(FIXTURES)) {
      for (const component of runPipeline(fixture(name)).design.components)
        expect(component.name).not.toMatch(
          /^(?:introduction|overview|glossary|requirements|constraints|users|goals|terminology|interfaces|quality|out of scope|migration)/i,
        );
    }
  });

  it('reads CRLF, a byte order mark and tabs as the same lines', () => {
    const plain = runPipeline(fixture('iot'));
    const odd = runPipeline(`\uFEFF${fixture('iot').replaceAll('\n', '\r\n')}`);
    expect(odd.document).toBe(plain.document);
  });

  it('says that it found few English requirements instead of failing', () => {
    const german =
      '# Bestellsystem\n\nDas System verwaltet Bestellungen der Kunden.\n\n- Kunden legen Bestellungen an.\n- Das Lager prüft den Bestand und meldet fehlende Ware.\n';
    const { document, decisions } = runPipeline(german);
    expect(document).toContain('Few English requirements were found');
    expect(decisions.exit.citations.problems).toEqual([]);
  });

  it('refuses an input without a letter', () => {
    expect(() => runPipeline(' \n\t\n---\n')).toThrow(/no letter/);
  });

  it('reads five thousand lines, and one line of half a million characters, within seconds', () => {
    const lines = Array.from({ length: 5000 }, (_, index) =>
      index % 25 === 0
        ? `## Area ${index}`
        : `- REQ-${index}: The system must store item ${index} of order ${index % 7} within ${index} ms, not in the cloud.`,
    );
    expect(runPipeline(lines.join('\n')).decisions.exit.citations.problems).toEqual([]);
    const endless = `The system must ${'store orders and send them to the warehouse, '.repeat(12_000)}`;
    expect(runPipeline(endless).facts.requirements.length).toBeGreaterThan(0);
  }, 20_000);

  it('never breaks on any mixture of markdown, and cites only what is there', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '# Title',
        '## Requirements',
        '- R1: The system must store orders.',
        '1. The clerk shall edit *orders* | rows',
        '| ID | Requirement |',
        '|---|---|',
        '| R2 | must log in |',
        '```',
        '<!-- hidden',
        '-->',
        '> quoted must',
        'As a nurse, I want to see "all" [L99] beds',
        '“fancy” must be kept',
        'Setext',
        '-----',
        '\tmust <b>not</b> \\| use `cloud`',
        '* [ ] must be done',
        '3.1.2 The pump shall stop',
        '**Bold**',
        'Überprüfung muss',
      ),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), (lines) => {
        const prd = `a\n${lines.join('\n')}`;
        const { decisions } = runPipeline(prd);
        expect(decisions.exit.citations.problems).toEqual([]);
        for (const file of decisions.documents) expect(checkCitations(file.content, prd)).toEqual([]);
        expect(decisions.exit.requirements.traced + decisions.exit.requirements.notAddressed).toBe(decisions.exit.requirements.found);
      }),
      { numRuns: 150, seed: 7 },
    );
  }, 60_000);
});
