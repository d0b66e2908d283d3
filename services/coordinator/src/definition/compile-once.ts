import { compileDefinition } from './compile-definition.js';

type Compiled = ReturnType<typeof compileDefinition>;

const KEPT = 256;
const KEPT_CHARACTERS = 16_384;
const kept = new Map<string, Compiled>();

/** As `compileDefinition`, but what was compiled lately is not compiled again: who registers a definition and who runs it both need it. Results are shared and never changed. */
export function compileOnce(source: string): Compiled {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const compiled = compileDefinition(source);
  if ('problems' in compiled || source.length > KEPT_CHARACTERS) return compiled;
  kept.set(source, compiled);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return compiled;
}
