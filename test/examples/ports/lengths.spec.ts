import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { linesOf, portNames } from './ports.js';

const table = readFileSync(new URL('../../../examples/ports/README.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, port, original, workflow, whole, ours] = line.split('|').map((cell) => cell.trim());
    const name = /^\[([a-z-]+)\]\(\1\/workflow\.yaml\)$/.exec(port ?? '')?.[1];
    return name === undefined ? [] : [{ name, original, workflow: Number(workflow), whole: Number(whole), ours: Number(ours) }];
  });

describe('the table of ports', () => {
  it('has every port', () => {
    expect(table.map(({ name }) => name).sort()).toEqual(portNames());
    expect(table).toHaveLength(10);
  });

  it.each(table)('names the original of $name by repository, path and commit', ({ original }) => {
    expect(original).toMatch(/^`[\w-]+\/[\w.-]+`, `[\w./-]+`(, `[\w./-]+`)*, `[0-9a-f]{12}`(, `[0-9a-f]{12}`)*$/);
  });

  it.each(table)('says how long $name is, which is shorter than the original’s workflow', ({ name, workflow, whole, ours }) => {
    expect(ours).toBe(linesOf(name));
    expect(ours).toBeLessThan(workflow);
    expect(workflow).toBeLessThanOrEqual(whole);
  });
});
