import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDiagrams } from '../testing/parse-diagrams.js';
import { extractMermaid } from './extract.js';
import { labelText, renderFlowchart } from './flowchart.js';

describe('a flowchart', () => {
  it('is accepted by the Mermaid parser whatever the labels hold', () => {
    const texts = [
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 90 }), { numRuns: 120, seed: 3 }),
      'end',
      '1. list',
      '- item',
      '"quoted" [x] (y) {z} | <b>',
      '`md`',
      '#35; ;',
      'graph TD; A-->B',
      '%% comment',
      '\\',
      '',
    ];
    const diagrams = texts.map((text) =>
      renderFlowchart({
        direction: 'TB',
        nodes: [{ id: 'a', name: text, kind: text, shape: 'person' }],
        groups: [{ id: 'g', name: text, nodes: [{ id: text, name: text, kind: 'x', shape: 'store' }] }],
        edges: [{ from: 'a', to: text, label: text, dashed: true }],
      }),
    );
    expect(parseDiagrams(diagrams).filter((problem) => problem !== null)).toEqual([]);
  });

  it('lets no quotation mark or bracket through', () => {
    expect(labelText('a "b" [c]')).toBe('a #34;b#34; #91;c#93;');
  });

  it('can be told from one that is broken', () => {
    expect(parseDiagrams(['flowchart TB\n a["x-->b'])).toEqual([expect.stringContaining('Parse error')]);
  });
});

describe('extractMermaid', () => {
  it('gives the code of every block in order and nothing else', () => {
    expect(extractMermaid('a\n```mermaid\nx\ny\n```\n```js\nz\n```\n```mermaid\nw\n```')).toEqual(['x\ny', 'w']);
  });
});
