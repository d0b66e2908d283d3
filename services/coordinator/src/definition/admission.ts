import type { RoutingStrategy, TaskLimit, TaskRouting } from '@tutti/contracts';
import { DEFAULT_PRIORITY } from '@tutti/contracts';
import type { Expression } from '../expressions/expression.js';
import type { Template } from '../expressions/template.js';

/** How a task comes to its agent: what is recorded with it. */
export interface Admission {
  readonly priority: number;
  /** Null for the default, least-loaded. */
  readonly routing: TaskRouting | null;
  readonly limits: readonly TaskLimit[];
}

export interface AdmissionPlan {
  /** What it comes to whatever the run; null when a key or the priority is found out for each task. */
  readonly fixed: Admission | null;
  readonly strategy: RoutingStrategy;
  /** Null for the run's id, and for other strategies than sticky. */
  readonly stickyKey: Template | null;
  readonly priority: number | Expression;
  readonly limits: readonly LimitPlan[];
}

export interface LimitPlan {
  readonly kind: TaskLimit['kind'];
  /** Null for this step of this workflow. */
  readonly key: Template | null;
  readonly limit: number;
  readonly perMs: number | null;
}

/** Of a step that says nothing. One object for all of them: their tasks pay nothing for what they do not use. */
export const PLAIN_ADMISSION: Admission = { priority: DEFAULT_PRIORITY, routing: null, limits: [] };
export const PLAIN_ADMISSION_PLAN: AdmissionPlan = {
  fixed: PLAIN_ADMISSION,
  strategy: 'least-loaded',
  stickyKey: null,
  priority: DEFAULT_PRIORITY,
  limits: [],
};

/** @param key what shares the limit; null for the step alone */
export function taskLimit(plan: LimitPlan, key: string | null, step: string): TaskLimit {
  const { kind, limit, perMs } = plan;
  const group = perMs === null ? kind : `${kind}.${perMs}`;
  return { kind, scope: key === null ? `${group}.step:${step}` : `${group}.key:${key}`, limit, perMs };
}
