import { ROUTES, type LoadClass } from '@tutti/rest-contract';

const LOADS: ReadonlyMap<string, LoadClass> = new Map(ROUTES.map(({ id, load }) => [id, load]));
/** What REST calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  DecideApproval: 'approve',
  DrainWorkflowVersion: 'drainVersion',
  ExplainTask: 'explainTasks',
  RepairRun: 'retryRun',
  RestoreWorkflowVersion: 'restoreVersion',
};
const READING = /^(?:Get|List|Explain|Validate|Follow|Query|ServerReflection)/;

interface CallLoad {
  /** The name of the route that does the same, as OpenAPI has it; else `grpc:` and the method. */
  readonly route: string;
  readonly load: LoadClass;
}

/** What a call counts for, by its path, like `/tutti.v1.RunService/StartRun`: what the same thing counts for by REST. */
export function loadOfCall(path: string): CallLoad {
  const method = path.slice(path.lastIndexOf('/') + 1);
  const route = OTHER_NAMES[method] ?? `${method.charAt(0).toLowerCase()}${method.slice(1)}`;
  const load = LOADS.get(route);
  if (load !== undefined) return { route, load };
  return { route: `grpc:${method}`, load: READING.test(method) ? 'read' : 'change' };
}
