import { reference, segment, type Ref } from './reference.js';

/** A step as others see it. */
export interface StepFacts {
  readonly output: unknown;
  /** Steps that it needs, directly or through others. */
  readonly sees: string;
}

/** What a builder knows of its workflow so far. */
export interface Facts {
  readonly inputs: unknown;
  readonly variables: unknown;
  readonly steps: Readonly<Record<string, StepFacts>>;
}

export interface Decision {
  readonly approved: boolean;
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly reason: string;
  readonly payloadHash: string;
}

export interface StepRef<Output> {
  readonly output: Ref<Output>;
  readonly status: Ref<'succeeded' | 'failed' | 'skipped' | 'cancelled'>;
  readonly approvals: Ref<Readonly<Record<string, Decision>>>;
}

/** What expressions see everywhere. */
export interface RunScope<F extends Facts, Visible> {
  readonly inputs: Ref<F['inputs']>;
  /** What it needs, directly or through others. */
  readonly steps: { readonly [Id in Visible & keyof F['steps']]: StepRef<F['steps'][Id]['output']> };
  readonly run: Ref<{ readonly id: string; readonly workflow: string; readonly version: number }>;
  readonly variables: Ref<F['variables']>;
  readonly labels: Ref<Readonly<Record<string, string>>>;
}

/** What went wrong, as handlers see it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  readonly step: string;
}

/** What came from outside, as `where` of a wait sees it. */
export interface OutsideEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
}

const ROOTS = ['inputs', 'run', 'variables', 'labels', 'item', 'index', 'iteration', 'last', 'output', 'input', 'error', 'signal', 'event'];

/** One object for all places: its type says what can be seen where. */
export const SCOPE: unknown = Object.freeze({
  ...Object.fromEntries(ROOTS.map((root) => [root, reference(root)])),
  steps: new Proxy({}, { get: (_, id) => (typeof id === 'string' ? reference(`steps${stepSegment(id)}`) : undefined) }),
});

/** Tutti reads `steps.service-design`, though "-" is JSONata's minus; a hyphen before a digit or at the end it does not. */
function stepSegment(id: string): string {
  return /^[A-Za-z]\w*(-\w+)*$/.test(id) ? `.${id}` : segment(id);
}
