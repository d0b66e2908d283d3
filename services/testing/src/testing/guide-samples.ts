import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SAMPLE = /^```ts\n(.*?)^```$/gms;

/** Samples of a guide that do not stand in the spec, which is compiled and run, as they are. Where white space stands does not matter. */
export function missingSamples(guide: string, specUrl: string): readonly string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../../docs/${guide}`, import.meta.url)), 'utf8');
  const spec = packed(readFileSync(fileURLToPath(specUrl), 'utf8'));
  const samples = [...text.matchAll(SAMPLE)].map(([, sample = '']) => sample.replace(/^import .*\n/gm, ''));
  if (samples.length === 0) throw new Error(`docs/${guide} has no samples`);
  return samples.filter((sample) => !spec.includes(packed(sample)));
}

function packed(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
