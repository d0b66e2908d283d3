import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs the real Mermaid parser over the diagrams; one entry each, null where it parses. */
export function parseDiagrams(diagrams: readonly string[]): readonly (string | null)[] {
  const script = fileURLToPath(new URL('./parse-mermaid.mjs', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [script], {
      input: JSON.stringify(diagrams),
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 32 * 1024 * 1024,
    }),
  ) as (string | null)[];
}
