/** What the rules need of a definition, read from the document itself, not from what the coordinator made of it. */
export interface StepShape {
  readonly needs: readonly string[];
  readonly hasCondition: boolean;
  readonly fansOut: boolean;
  readonly concurrency: number;
  readonly gates: readonly { readonly name: string; readonly type: string }[];
  readonly isUndoable: boolean;
}

interface StepDocument {
  readonly steps?: Readonly<Record<string, StepDocument>>;
  readonly compensate?: object;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly forEach?: { readonly concurrency?: number };
  readonly gates?: readonly { readonly name: string; readonly type: string }[];
}

/** @param block the group of the definition that the run is about; absent for the whole */
export function shapeOf(source: string, block?: string): ReadonlyMap<string, StepShape> {
  return shapeOfSteps(stepsOf(JSON.parse(source) as StepDocument, block?.split('/') ?? []));
}

function stepsOf({ steps = {} }: StepDocument, path: readonly string[]): Readonly<Record<string, StepDocument>> {
  const [first, ...rest] = path;
  return first === undefined ? steps : stepsOf(steps[first] ?? {}, rest);
}

function shapeOfSteps(steps: Readonly<Record<string, StepDocument>>): ReadonlyMap<string, StepShape> {
  return new Map(
    Object.entries(steps).map(([id, { needs = [], if: condition, forEach, gates = [], compensate }]) => [
      id,
      {
        needs: typeof needs === 'string' ? [needs] : needs,
        hasCondition: condition !== undefined,
        fansOut: forEach !== undefined,
        concurrency: forEach?.concurrency ?? 10,
        gates,
        isUndoable: compensate !== undefined,
      },
    ]),
  );
}
