/** What every step needs, directly or through others. Steps on a cycle are left out and given as `cycle`. */
export interface StepOrder {
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  /** One cycle, first step repeated at its end; empty when there is none. */
  readonly cycle: readonly string[];
}

export function orderSteps(needs: ReadonlyMap<string, readonly string[]>): StepOrder {
  const ancestors = new Map<string, Set<string>>();
  const visiting: string[] = [];
  let cycle: readonly string[] = [];

  const visit = (step: string): Set<string> => {
    const known = ancestors.get(step);
    if (known !== undefined) return known;
    const onPath = visiting.indexOf(step);
    if (onPath >= 0) {
      if (cycle.length === 0) cycle = [...visiting.slice(onPath), step];
      return new Set();
    }
    visiting.push(step);
    const all = new Set<string>();
    for (const need of needs.get(step) ?? []) {
      if (!needs.has(need)) continue;
      all.add(need);
      for (const further of visit(need)) all.add(further);
    }
    visiting.pop();
    ancestors.set(step, all);
    return all;
  };

  for (const step of needs.keys()) visit(step);
  return { ancestors, cycle };
}
