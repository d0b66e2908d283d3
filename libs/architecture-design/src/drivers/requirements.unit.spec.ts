import { describe, expect, it } from '@jest/globals';
import type { Requirement } from '../model/facts.schema.js';
import { readDocument } from '../reading/source-document.js';
import { findRequirements } from './requirements.js';

const read = (source: string): readonly Requirement[] => findRequirements(readDocument(source));
const brief = (source: string): readonly string[] => read(source).map((one) => `${one.id}: ${one.text} [${one.from}-${one.to}]`);

describe('requirements', () => {
  it('keeps the identifiers of the input in every common style', () => {
    const source = [
      '# Spec',
      '',
      '**FR-12** The tool shall print.',
      '',
      'REQ-3: It must stop.',
      'NFR2. It should be quick.',
      '[SEC-001] Keys must be hidden.',
      'R7 The door shall close.',
      '',
      '3.2.1 The pump shall stop.',
    ].join('\n');
    expect(read(source).map((one) => one.id)).toEqual(['FR-12', 'REQ-3', 'NFR2', 'SEC-001', 'R7', '3.2.1']);
  });

  it('numbers a statement without an identifier by its line', () => {
    expect(brief('Intro.\n\nThe tool must print.\nIt is blue. It should also sing.')).toEqual([
      'S3: The tool must print. [3-3]',
      'S4: It should also sing. [4-4]',
    ]);
  });

  it('takes a sentence over several lines once, with all its lines', () => {
    expect(brief('   The sender MUST keep\n   every message until it\n   is answered.')).toEqual([
      'S1: The sender MUST keep every message until it is answered. [1-3]',
    ]);
  });

  it('does not count a labelled line and its keyword twice', () => {
    expect(brief('- R1: The tool must print. It must not beep.')).toEqual(['R1: The tool must print. It must not beep. [1-1]']);
  });

  it('reads tables with an identifier and a requirement column', () => {
    expect(
      brief('## Requirements\n\n| ID | Requirement | Priority |\n|---|---|---|\n| F1 | Print pages | Must |\n| F2 | Scan pages | Could |'),
    ).toEqual(['F1: Print pages [5-5]', 'F2: Scan pages [6-6]']);
  });

  it('reads EARS criteria below a labelled heading as its parts', () => {
    const source =
      '# Requirements\n\n### Requirement 1: Doors\n\n#### Acceptance Criteria\n1. WHEN the button is pressed THE SYSTEM SHALL open the door.\n2. IF it is blocked THEN THE SYSTEM SHALL stop.';
    expect(read(source).map((one) => one.id)).toEqual(['Requirement 1.1', 'Requirement 1.2']);
  });

  it('makes a labelled heading with plain text below it one requirement', () => {
    expect(brief('# Requirements\n\n### FR-1: Login\n\nPeople give a name.\n')).toEqual(['FR-1: Login — People give a name. [3-5]']);
  });

  it('takes list items under a requirements heading and folds what is indented below them', () => {
    expect(brief('## Features\n\n- Export to\n  - CSV\n  - JSON\n- Import')).toEqual(['S3: Export to CSV JSON [3-5]', 'S6: Import [6-6]']);
  });

  it('reads user stories wherever they stand', () => {
    expect(read('As a nurse, I want to record a dose, so that nobody gives it twice.')).toMatchObject([
      { subject: 'nurse', verb: 'record', object: 'dose', kind: 'function' },
    ]);
  });

  it('says nothing about code blocks and comments', () => {
    expect(brief('```\nR1: it must run\n```\n\n<!-- It must hide. -->\n\nIt must show.')).toEqual(['S7: It must show. [7-7]']);
  });

  it.each([
    ['## Out of scope\n\n- Payments must not be part of it.', 'excluded'],
    ['The key words "MUST" and "SHOULD" are to be interpreted as described in RFC 2119.', 'meta'],
    ['Should we sell it?', 'meta'],
    ['The team must deliver in May.', 'project'],
    ['The tool must be written in Rust.', 'constraint'],
    ['## Performance\n\n- Pages load in 2 seconds.', 'quality'],
    ['The clerk must edit orders.', 'function'],
  ])('knows what kind of demand it is: %j is %s', (source, kind) => {
    expect(read(source).map((one) => one.kind)).toEqual([kind]);
  });

  it('leaves a table that only refers to identifiers alone', () => {
    expect(read('## Requirements\n\nR1: It must print.\n\n## Traceability\n\n| ID | Test |\n|---|---|\n| R1 | T-9 |')).toHaveLength(1);
  });
});
