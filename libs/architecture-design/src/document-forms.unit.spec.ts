import { describe, expect, it } from '@jest/globals';
import { analyseContext } from './steps/analyse-context.js';
import { runPipeline } from './testing/run-pipeline.js';

/** Forms that requirements documents take in the wild, each in a few lines. */

const factsOf = (...lines: readonly string[]) => analyseContext({ prd: lines.join('\n'), title: null }).facts;
const names = (things: readonly { readonly name: string }[]) => things.map((thing) => thing.name);

describe('a document whose first heading names only its kind', () => {
  it('takes the name from the heading below', () => {
    expect(factsOf('# Requirements Specification', '## Harbour Berth Planner', '', '- R1: Planners shall book a berth.').title).toBe(
      'Harbour Berth Planner',
    );
  });

  it('takes the name from the first sentence where no heading has it', () => {
    expect(
      factsOf('# Requirements Specification', '', '## 1. Purpose', 'Larkspur provides loans of tools to members of a club.').title,
    ).toBe('Larkspur');
  });
});

describe('requirements', () => {
  it('keep the identifier of a heading that is nothing but an identifier', () => {
    const facts = factsOf('# Kiln', '## Functional requirements', '### FR-007', 'The kiln log shall record each firing.');
    expect(facts.requirements.map((one) => one.id)).toEqual(['FR-007']);
    expect(names(facts.areas)).toEqual([]);
  });

  it('take a list of names into the sentence that introduces it', () => {
    const facts = factsOf(
      '# Kiln',
      '## Functional requirements',
      '### FR-1: Keep firings',
      'The system shall store each firing with:',
      '- Start time',
      '- Peak temperature',
      '- Operator',
    );
    expect(facts.requirements.map((one) => one.id)).toEqual(['FR-1']);
    expect(facts.requirements[0]?.text).toContain('Peak temperature');
  });

  it('include what is listed under a role as its doings', () => {
    const facts = factsOf('# Kiln', '## Actors', '- **Potter**:', '  - Books a firing slot.', '  - Cancels a firing slot.');
    expect(facts.requirements.map((one) => [one.kind, one.verb, one.object])).toEqual([
      ['function', 'book', 'firing slot'],
      ['function', 'cancel', 'firing slot'],
    ]);
  });

  it('leave out labelled examples of an appendix', () => {
    const facts = factsOf(
      '# Kiln',
      '## Requirements',
      '- R1: The kiln shall stop.',
      '## Appendix: examples',
      '### Rule 1: Dry slowly',
      'Text.',
    );
    expect(facts.requirements.map((one) => one.id)).toEqual(['R1']);
  });
});

describe('actors', () => {
  it('are the roles of personas and the names used in stories', () => {
    const facts = factsOf(
      '# Kiln',
      '## Who',
      '- **Ada, studio manager (two people).** Plans the week.',
      '## Stories',
      '- As Bo, I want to see my shelf.',
      '- As a member waiting in line, I want to see the queue.',
    );
    expect(names(facts.actors)).toEqual(expect.arrayContaining(['Studio manager', 'Bo', 'Member']));
  });
});

describe('what is no thing of its own', () => {
  it('is a typed field of a data dictionary', () => {
    const facts = factsOf(
      '# Kiln',
      '## Data dictionary',
      '- `colour`: Enum (red, white).',
      '- `label`: String (3 to 20).',
      '- Firing: one run.',
    );
    expect(names(facts.entities)).toEqual(['Firing']);
  });

  it('is the network of the house, while the gateway between two systems is', () => {
    const facts = factsOf(
      '# Kiln',
      'The meter is a service between payment gateway and till.',
      'Nothing is reachable from the studio network.',
    );
    expect(names(facts.externals)).toEqual(['Payment gateway']);
  });
});

it('groups functions under any title of several words below "Functional requirements"', () => {
  const facts = factsOf(
    '# Kiln',
    '## 3. Functional requirements',
    '### 3.1 Letters, reports, privacy',
    '- FR-1: The system shall print a letter.',
    '- FR-2: The system shall report each visit.',
  );
  expect(names(facts.areas)).toEqual(['Letters, reports, privacy']);
});

it('tells constraints from assumptions by their labels in a section of both', () => {
  const facts = factsOf('# Kiln', '## Constraints and assumptions', '- **CON-1** Gas only.', '- **ASM-1** Gas stays cheap.');
  expect(facts.assumptions.map((one) => one.text).join()).not.toContain('CON-1');
  expect(facts.assumptions.map((one) => one.text).join()).toContain('ASM-1');
});

it('reads "Not in scope:" at the start of a paragraph as ruling out what follows', () => {
  const run = runPipeline(
    '# Kiln\n\n## Scope\n\nNot in scope: invoices; a mobile app of our own.\n\n## Requirements\n\n- R1: Members must book a firing on a web page.\n',
  );
  expect(run.services.services.containers.map((one) => one.name)).not.toContain('Mobile app');
  expect(run.facts.exclusions.map((one) => one.text).join()).toContain('a mobile app of our own');
});

it('does not take the ticks of a game loop for readings to keep in order of time', () => {
  const run = runPipeline(
    '# Puck\n\n## Requirements\n\n- R1: The server ticks must move the puck for all players.\n- R2: The server must save each score at the end of its tick.\n',
  );
  expect(run.services.services.containers.map((one) => one.name)).not.toContain('Time-series store');
});
