/** What the rules need of a definition, read from the document itself, not from what the coordinator made of it. */
export interface StepShape {
  readonly needs: readonly string[];
  readonly hasCondition: boolean;
  readonly fansOut: boolean;
  readonly concurrency: number;
  readonly gates: readonly { readonly name: string; readonly type: string }[];
}

interface StepDocument {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly forEach?: { readonly concurrency?: number };
  readonly gates?: readonly { readonly name: string; readonly type: string }[];
}

export function shapeOf(source: string): ReadonlyMap<string, StepShape> {
  const { steps } = JSON.parse(source) as { readonly steps: Readonly<Record<string, StepDocument>> };
  return new Map(
    Object.entries(steps).map(([id, { needs = [], if: condition, forEach, gates = [] }]) => [
      id,
      {
        needs: typeof needs === 'string' ? [needs] : needs,
        hasCondition: condition !== undefined,
        fansOut: forEach !== undefined,
        concurrency: forEach?.concurrency ?? 10,
        gates,
      },
    ]),
  );
}
