/** Deeper branches are not told apart by indentation any more. */
const DEEPEST = 3;

/**
 * How far each step is indented: what runs side by side stands one deeper than what it branched from, a chain stays flat, and what joins
 * branches comes back. Expects needs to come before what needs them; a need that is not there counts as none.
 */
export function stepDepths(steps: Iterable<{ readonly id: string; readonly needs: readonly string[] }>): ReadonlyMap<string, number> {
  const all = [...steps];
  const dependants = new Map<string, number>();
  for (const { needs } of all) for (const need of needs) dependants.set(need, (dependants.get(need) ?? 0) + 1);
  const depths = new Map<string, number>();
  for (const { id, needs } of all) {
    const known = needs.filter((need) => depths.has(need));
    const below = known.map((need) => depths.get(need) ?? 0);
    const [only] = known;
    if (only === undefined) depths.set(id, 0);
    else if (known.length > 1) depths.set(id, Math.max(0, Math.min(...below) - 1));
    else depths.set(id, Math.min(DEEPEST, (depths.get(only) ?? 0) + ((dependants.get(only) ?? 0) > 1 ? 1 : 0)));
  }
  return depths;
}
