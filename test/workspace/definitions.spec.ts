import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../../services/coordinator/src/definition/compile-definition.js';
import { definitionTypeProblems } from '../../services/coordinator/src/definition/types/definition-type-problems.js';
import { root, trackedFiles } from './tracked-files.js';

const isDefinition = (text: string): boolean => /^name: /m.test(text) && /^steps:/m.test(text);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const files = trackedFiles()
  .filter((path) => /\.ya?ml$/.test(path))
  .map((path) => ({ where: path, text: read(path) }));
const samples = trackedFiles()
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) => [...read(path).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => ({ where: path, text })));
const definitions = [...files, ...samples].filter(({ text }) => isDefinition(text) && /^(?:#.*\n)*name:/.test(text));

describe('the workflow definitions in files and in documents', () => {
  it('are there', () => {
    expect(definitions.length).toBeGreaterThan(10);
  });

  it.each(definitions)('could be registered: one of $where', ({ text }) => {
    const compiled = compileDefinition(text);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    expect(definitionTypeProblems(text, compiled.definition)).toEqual([]);
  });
});
